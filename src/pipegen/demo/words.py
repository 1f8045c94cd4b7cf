"""Names of the demo's people, companies and campaigns, and strings that break careless pages.

What belongs here: word lists. Every domain is reserved for examples. What does not: which words are
used where (`company`, `crm`, `people`).
"""

from __future__ import annotations

DOMAIN = "tallyrock.example"


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _split("""
    Ada Aisha Akira Alba Amara Anders Anja Arjun Beatriz Ben Bruno Camille Carlos Chen Chloe
    Dana Daniel Dara Diego Elena Elias Emeka Emma Esra Farah Felix Fiona Freya Gabriel
    Giulia Hana Hassan Hugo Ines Ingrid Ivan Jana Jonas Jun Kaito Karin Kemal Lara Leon Liam
    Lin Lucia Maja Malik Marta Mateo Mei Milan Mina Nadia Nils Noor Olga Omar Oscar Petra
    Priya Rafael Rania Ravi Rosa Ruth Samir Sanna Sofia Soren Tariq Theo Tomas Uma Vera
    Victor Wanda Xenia Yara Yusuf Zoe
""")
LAST = _split("""
    Abbott Adeyemi Almeida Andersen Aoki Bakker Banerjee Baumann Becker Bianchi Brandt
    Carvalho Castillo Cohen Costa Das Demir Dubois Duarte Eriksen Farrell Ferrari Fischer
    Fontaine Garcia Goldberg Haddad Hansen Hartmann Hoffmann Horvat Ibrahim Ito Jansen
    Jensen Kaplan Keller Khan Kim Kovacs Kowalski Kumar Larsen Lefevre Lindgren Lopez Marino
    Mbeki Mendes Meyer Molina Moreau Murphy Nakamura Navarro Nguyen Novak Okafor Olsen Osei
    Park Patel Pereira Petrov Quinn Ramos Reyes Rossi Sato Schneider Silva Singh Sorensen
    Suzuki Tanaka Torres Ueda Vargas Virtanen Vogel Wagner Walsh Weber Wilk Wong Yamada
    Yilmaz Zhang Ziegler
""")

COMPANY_FIRST = _split("""
    Amber Arden Atlas Beacon Birch Blue Bright Cedar Cinder Clear Cobalt Copper Coral Crest
    Crown Delta Dune Eagle Echo Elm Ember Falcon Fern First Flint Forge Glen Golden Granite
    Green Harbor Hazel Helix High Hollow Iron Ivory Juniper Keystone Lake Larch Lumen Maple
    Marble Meadow Meridian Metro Mill North Oak Onyx Orchard Pacific Pine Pioneer Quartz
    Raven Red River Rowan Sable Sierra Silver Slate Solar South Spruce Sterling Stone Summit
    Swift Tide Timber True Union Vale Vector Vista West Willow Wind
""")
COMPANY_SECOND = _split("""
    bank bay bridge brook cliff core cove craft crest dale edge field forge gate grove
    harbor haven hill lane leaf light line link mark mill path peak point port ridge river
    scale shore spring stone stream trail vale view ward water way wood works yard
""")
COMPANY_LAST = (
    "Labs", "Systems", "Group", "Logistics", "Health", "Foods", "Energy", "Capital", "Media",
    "Retail", "Motors", "Biotech", "Insurance", "Telecom", "Partners", "& Sons", "GmbH", "S.A.",
    "Ltd", "Inc.",
)  # fmt: skip
INDUSTRIES = (
    "Software", "Manufacturing", "Financial Services", "Healthcare", "Retail", "Logistics",
    "Energy", "Media", "Education", "Public Sector",
)  # fmt: skip
COUNTRIES = (
    ("United States", "Canada"),
    ("Germany", "France", "Netherlands", "Spain", "Italy"),
    ("United Kingdom",),
    ("Switzerland",),
)
DECIDERS = (
    "Chief Financial Officer", "VP Operations", "Chief Information Officer", "Managing Director",
    "VP Finance", "Head of IT", "Chief Executive Officer",
)  # fmt: skip
TITLES = (
    "Finance Manager", "IT Manager", "Operations Analyst", "Business Analyst", "Controller",
    "Procurement Manager", "Systems Architect", "Data Engineer", "Project Manager", "Team Lead",
)  # fmt: skip
PRODUCTS = (
    "Platform", "Platform Plus", "Insights", "Workflow", "Data Hub", "Starter Plan",
    "Planning Suite",
)  # fmt: skip
NEXT_STEPS = (
    "Send proposal", "Security review", "Demo with IT", "Call with CFO", "Reference call",
    "Waiting for legal", "Agree on scope", "Kick-off of the trial",
)  # fmt: skip
SUBJECTS = (
    "Intro call", "Follow-up", "Left voicemail", "Pricing question", "Sent deck", "Check-in",
    "Next steps", "Quarterly review",
)  # fmt: skip
REJECTIONS = ("No budget", "Not a fit", "Student", "Competitor", "Bad contact data", "No timeline")
CAMPAIGN_NAMES = (
    "Webinar: close the books in a day", "Finance Forum stand",
    "Guide: planning without spreadsheets", "Search and social ads", "Partner roadshow",
    "Outbound: finance leaders", "Nurture: new ideas", "Brand film",
)  # fmt: skip
FIELD_CAMPAIGNS = (
    "Customer webinar", "Regional trade show", "Analyst report", "Sponsored newsletter",
    "Reseller day", "Outbound: lapsed customers", "Letter to customers", "Charity run",
)  # fmt: skip
PAGES = ("/pricing", "/product", "/customers", "/blog/forecasting", "/security", "/docs/start")
FORMS = ("Demo request", "Newsletter", "Guide download", "Webinar sign-up", "Contact us")
MAILS = ("Monthly letter", "Product news", "Event invitation", "Trial day 3", "Customer story")

# Account ordinal -> name. Pages must escape these names, files must quote them.
NASTY_NAMES = {
    10: 'Quote "Unquote" Holdings, Inc.',
    11: "Line\nBreak & Partners",
    12: "<script>alert('pipeline')</script>",
    13: "\u202eredro thgir ot tfel",
    14: "\u05d7\u05d1\u05e8\u05ea \u05d3\u05d5\u05d2\u05de\u05d4 (Example Ltd)",
    15: "\U0001f680 Rocket \U0001f9ea Labs",
    16: "Long " + "name " * 59,
    17: "=HYPERLINK(\"https://spreadsheet.example\",\"Open\")",
    18: "'; DROP TABLE opportunity; --",
    19: "{{ as_of_date() }} {% raw %}",
    20: "Tab\tand\\backslash",
    21: "  Blanks around  ",
    22: "N/A",
    23: "null",
    24: "\u0141\u00f3d\u017a \u6771\u4eac \u00c5ngstr\u00f6m \u1e9e-Werke",
    25: "100% 'Natural' <b>Foods</b> & Co;",
}  # fmt: skip
