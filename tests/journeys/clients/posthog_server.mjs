// PostHog's SDK for Node, as a company's server uses it; it packs by gzip. Its arguments: base, key, visitor, account.
import { PostHog } from "posthog-node"

const [host, key, visitor, account] = process.argv.slice(2)
const client = new PostHog(key, { host, flushAt: 1, fetchRetryCount: 0 })
client.on("error", (error) => { console.error(error); process.exitCode = 1 })
client.identify({ distinctId: account, properties: { $anon_distinct_id: visitor, mood: "good" } })
client.capture({ distinctId: visitor, event: "Job View", properties: { job: "j-posthog-node" } })
await client.shutdown()
