// Matomo's tracker for Node. Its arguments: base, write key, secret key, visitor, account.
const MatomoTracker = require("matomo-tracker")

const [base, key, secret, visitor, account] = process.argv.slice(2)
const url = "https://www.example.com/jobs"
const tracker = new MatomoTracker(key, `${base}/matomo.php`)
tracker.on("error", (error) => { console.error(error); process.exitCode = 1 })
tracker.track({ url, action_name: "Jobs", _id: visitor })
tracker.trackBulk([
  { url, e_c: "jobs", e_a: "Tool Used", _id: visitor },
  { url, action_name: "Again", _id: visitor, uid: account },
], (said) => console.log(said))
const server = new MatomoTracker("1", `${base}/matomo.php`)
server.on("error", (error) => { console.error(error); process.exitCode = 1 })
server.trackBulk([{ url, e_a: "job_view", _id: visitor, uid: account, token_auth: secret }], (said) => console.log(said))
