// Segment's SDK for Node, as a company's server uses it. Told by its arguments: base, key, visitor, account.
import { Analytics } from "@segment/analytics-node"

const [base, writeKey, anonymousId, userId] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host: base, maxRetries: 0 })
analytics.on("error", (error) => { console.error(error); process.exitCode = 1 })
analytics.identify({ anonymousId, userId, traits: { mood: "good" } })
analytics.track({ anonymousId, userId, event: "jobView", properties: { job: "j-node" } })
await analytics.closeAndFlush()
