"""Terms of the W3C Data Privacy Vocabulary (DPV 2) that a notice in JSON-LD uses, and what stands for what.

One table of terms with their IRIs; nothing is fetched. Where the vocabulary has no nearer term, a wider one is
used and the notice's own words stand beside it.
"""

from kept.policy.compiled import Choice

_DPV = "https://w3id.org/dpv#"
_GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"
_NAMES = (
    "CollectedPersonalData",
    "Consent",
    "ContractPerformance",
    "DataController",
    "DataSource",
    "DataSubject",
    "DataSubjectRight",
    "DerivedPersonalData",
    "IdentifyingPersonalData",
    "LegalBasis",
    "LegalObligation",
    "LegitimateInterestOfController",
    "ObservedPersonalData",
    "PersonalDataProcess",
    "PrivacyNotice",
    "ProvidedPersonalData",
    "PublicInterest",
    "Purpose",
    "Recipient",
    "SpecialCategoryPersonalData",
    "StorageDuration",
    "ThirdParty",
    "VitalInterest",
    "hasDataController",
    "hasDataSource",
    "hasDataSubject",
    "hasLegalBasis",
    "hasPersonalData",
    "hasPersonalDataProcess",
    "hasPurpose",
    "hasRecipient",
    "hasRecipientThirdParty",
    "hasRight",
    "hasStorageCondition",
)
TERMS: dict[str, str] = {
    **{name: _DPV + name for name in _NAMES},
    "A7-3": f"{_GDPR}A7-3",  # to withdraw consent
    "A21": f"{_GDPR}A21",  # to object
    "contact": "http://www.w3.org/ns/dcat#contactPoint",
    "description": "http://purl.org/dc/terms/description",
    "hasPart": "http://purl.org/dc/terms/hasPart",
    "identifier": "http://purl.org/dc/terms/identifier",
    "inForceSince": "http://purl.org/dc/terms/valid",
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "subject": "http://purl.org/dc/terms/subject",
    "title": "http://purl.org/dc/terms/title",
    "version": "http://purl.org/dc/terms/hasVersion",
}
"""Every name that a notice in JSON-LD uses, with its IRI."""

BASES = {
    "consent": "Consent",
    "contract": "ContractPerformance",
    "legal obligation": "LegalObligation",
    "legitimate interest": "LegitimateInterestOfController",
    "notice": "LegalBasis",  # a law that asks for no ground: the vocabulary has no term for it
    "public task": "PublicInterest",
    "signed authorisation": "Consent",
    "vital interests": "VitalInterest",
}
"""The term of each ground."""

RIGHTS: dict[Choice, tuple[str, ...]] = {
    Choice.NONE: (),
    Choice.OBJECTION: ("DataSubjectRight", "A21"),
    Choice.OPT_OUT: ("DataSubjectRight",),
    Choice.OPT_IN: ("DataSubjectRight",),
    Choice.NEVER: (),
}
"""The right that each say gives."""

WITHDRAWN = {"consent": "A7-3", "signed authorisation": "A7-3"}
"""Grounds that a person may take back, and the right to."""

CATEGORIES = {
    "dialog": "ProvidedPersonalData",
    "form": "ProvidedPersonalData",
    "mail": "ProvidedPersonalData",
    "tracker": "ObservedPersonalData",
    "server log": "ObservedPersonalData",
    "recording": "ObservedPersonalData",
    "server": "CollectedPersonalData",
    "staff": "CollectedPersonalData",
    "partner": "ObservedPersonalData",
}
"""The category of what comes from each source; what is worked out is derived."""
