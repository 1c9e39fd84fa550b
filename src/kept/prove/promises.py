"""The promises, each in a sentence. `kept prove` prints them with their state and evidence.

A promise without a check that can fail is not kept: it is printed as not built.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: its id, its section of the notice, and what Kept does."""

    id: str
    section: str
    says: str


PROMISES: tuple[Promise, ...] = (
    Promise(
        "G1", "gather", "People give us personal data by choice; only declared items and fields are taken."
    ),
    Promise(
        "G2", "gather", "We watch what people do on the site: pages and declared actions, and nothing else."
    ),
    Promise(
        "G3", "gather", "Technical data comes in by cookies, logs and tracking tools, made smaller first."
    ),
    Promise("G4", "gather", "Partner sites that carry our tools send us data; each can be cut off at once."),
    Promise("A1", "acquire", "Other companies give us data, under a declared source."),
    Promise(
        "A2", "acquire", "We sometimes combine it with what we hold, only for people whose choices allow it."
    ),
    Promise("A3", "acquire", "Business information is enriched with verified data from open registers."),
    Promise(
        "A4", "acquire", "People who are not users but whose contacts we hold have all rights, and are told."
    ),
    Promise("C1", "clients", "For clients we process on their instructions alone."),
    Promise("C2", "clients", "Requests about clients' data are referred to the client."),
    Promise("U1", "use", "Every read names a purpose, and sees only what that purpose may see."),
    Promise("U2", "use", "What people are shown is ranked by their own data, if they allow it."),
    Promise("U3", "use", "A new purpose is told in advance and dark until then."),
    Promise("U4", "use", "Who withholds necessary data sees first what can no longer be done."),
    Promise("R1", "aggregate", "Usage trends are analysed in aggregate."),
    Promise(
        "R2", "aggregate", "Figures are called non-personal only with proof that nobody can be found in them."
    ),
    Promise("R3", "aggregate", "How many use a tool is counted without linking it to anyone."),
    Promise("R4", "aggregate", "Rows that are released are grouped, and measured independently."),
    Promise("D1", "disclose", "Data goes to registered recipients only, and each disclosure is on record."),
    Promise(
        "D2", "disclose", "Each recipient must protect the data; an agreement that lapses stops the flow."
    ),
    Promise("D3", "disclose", "Demands of the law are logged, approved by two, and limited to their scope."),
    Promise("D4", "disclose", "In a sale of the business the promises go with the data."),
    Promise("S1", "rights", "People see, correct, delete and limit what is held about them."),
    Promise("S2", "rights", "Rights follow the law of the person's region, and the clock runs."),
    Promise("S3", "rights", "Requests by mail are read and answered."),
    Promise("S4", "rights", "Californians' rights: know, delete, correct, opt out, limit."),
    Promise("P1", "protect", "Data is protected by encryption, roles and limits."),
    Promise("P2", "protect", "Incidents are registered and notified in time."),
    Promise("P3", "protect", "Data is kept only as long as needed; then it expires by itself."),
    Promise("P4", "protect", "Backups have a declared life and bring nobody back."),
    Promise("L1", "links", "Links to others' sites are on a register, with their privacy statements."),
    Promise("L2", "links", "Only secure and reliable links are featured."),
    Promise("M1", "amend", "The policy changes in versions, with the difference in plain words."),
    Promise("M2", "amend", "Changes are posted, and past versions stay readable."),
    Promise("M3", "amend", "People can read the notice in layers, with their own state in it."),
    Promise("U5", "beyond", "Automated ranking can be explained, contested and changed by a human."),
    Promise("U6", "beyond", "Marketing messages need a provable yes and stop with one click."),
    Promise("P5", "beyond", "Special categories have a condition and a wall."),
    Promise("P6", "beyond", "Children have guardians and protective defaults."),
    Promise(
        "P7",
        "beyond",
        "Records, balancing tests and assessments are kept; high risk stays dark until signed.",
    ),
    Promise("S5", "beyond", "Complaints are acknowledged and answered, the regulator named."),
)
