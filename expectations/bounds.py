"""The thresholds of the expectations, each with its reason.

What belongs here: numbers and lists of allowed values. What does not: what they are compared with.
"""

# With fewer rows than this, shares and ratios are mostly chance.
MIN_ROWS_TO_JUDGE = 50
MIN_ROWS_TO_COMPARE = 100

# --- landed tables

# CRMs delete and merge records, but half a table gone overnight is a load that broke off.
MIN_ROW_RATIO = 0.5
# Adding a region may double a table. If it grows more, it was most likely loaded twice.
MAX_ROW_RATIO = 2.0
# People don't produce one unusable row in twenty; a broken loader does.
MAX_SET_ASIDE_SHARE = 0.05

# From Friday evening to Monday morning, 2.6 days, a history may legitimately not change.
MAX_HISTORY_GAP_DAYS = 2.9
# A delay in other tables does no lasting harm. A week allows for holidays.
MAX_TABLE_GAP_DAYS = 7.0
# The rows that the table, at its usual pace, would have received in the gap. A quiet table is not
# stale: with 20 rows expected, the odds of none by chance are one in five hundred million.
MIN_MISSED_ROWS = 20
# The pace is the mean over four weeks, so that every day of the week counts equally.
PACE_DAYS = 28
# As-of is the end of a day. The Monday of a long weekend ends 3.3 days after Friday's last work.
MAX_DAYS_BEHIND_AS_OF = 4.0

# If one created date in five is missing, the field is no longer loaded; a single one is a finding.
MAX_CREATED_DATE_NULL_SHARE = 0.2
MAX_STAGE_NULL_SHARE = 0.2

# People in the MAP per person in the CRM. A MAP has people that sales never sees, and some people
# in the CRM are not in the MAP. Outside these bounds, one of the two is not being loaded.
MIN_MAP_CRM_RATIO = 0.05
MAX_MAP_CRM_RATIO = 50.0

# A share of fewer values halves by chance.
MIN_VALUES_TO_COMPARE = 20
# A field that people stop filling in fades over months; one that loses half of its values between
# two runs is loaded differently.
MIN_SHARE_RATIO = 0.5
# One value in ten that can be read does not make a number of the other nine.
MAX_UNREADABLE_SHARE = 0.9
# Records are deleted, and what referred to them stays. Nearly all of a history that leads nowhere
# has ids of another kind, or belongs to another system.
MAX_LOST_SHARE = 0.9

# --- deals, as core has them

# A deal without an account can't be found to be a duplicate or recycled. One in ten distorts the
# net-new number.
MAX_ACCOUNT_NULL_SHARE = 0.1
MAX_OWNER_NULL_SHARE = 0.1
# Early deals legitimately have no amount yet, so only more than half missing is an error.
MAX_AMOUNT_NULL_SHARE = 0.5

# How many units a dollar buys, to the nearest power of ten: what is implausible in dollars is usual
# in rupiah. Currencies that are not here count as dollars; a rate that moves a bound by half is not
# worth a row.
UNITS_TO_A_DOLLAR = {
    1e2: (
        "AFN", "ALL", "BDT", "BTN", "CVE", "DJF", "DOP", "DZD", "EGP", "ETB", "GMD", "GYD", "HTG",
        "HUF", "INR", "ISK", "JMD", "JPY", "KES", "LKR", "LRD", "MKD", "MZN", "NPR", "PHP", "PKR",
        "RSD", "RUB", "VUV", "XPF", "YER",
    ),
    1e3: (
        "AMD", "AOA", "ARS", "BIF", "CDF", "CLP", "COP", "CRC", "IQD", "KHR", "KMF", "KRW", "KZT",
        "MGA", "MMK", "MNT", "MWK", "NGN", "RWF", "SDG", "SOS", "TZS", "XAF", "XOF",
    ),
    1e4: ("GNF", "IDR", "LAK", "PYG", "SLL", "SSP", "STD", "SYP", "UGX", "UZS", "VND"),
    1e5: ("IRR", "LBP"),
}  # fmt: skip
# In dollars, or as many units of the deal's own currency as they buy. A trillion is a phone number
# in the wrong field.
MAX_AMOUNT = 1e12
MIN_AMOUNT = -1e12
# Today's CRMs did not exist before 2000, and nobody plans a deal ten years ahead.
# Dates are compared as numbers: the digits YYYYMMDD.
MIN_CLOSE_DATE = 2000_01_01
MAX_CLOSE_YEARS_AHEAD = 10

# ISO 4217.
CURRENCY_PATTERN = "^[A-Z]{3}$"
# The API names and labels that Salesforce ships with. A company can rename only the labels.
FORECAST_CATEGORIES = (
    "Omitted", "Pipeline", "Best Case", "BestCase", "Most Likely", "MostLikely", "Commit",
    "Forecast", "Closed",
)  # fmt: skip

# The median of all deals, including closed ones, moves by a few percent a month. If it halves or
# doubles overnight, a unit or a currency has changed.
MIN_LEVEL_RATIO = 0.5
MAX_LEVEL_RATIO = 2.0
# The median close date moves about one day per day.
MAX_CLOSE_DATE_SHIFT_DAYS = 45
# Older levels are from a different season.
MAX_DAYS_TO_COMPARE = 7

# --- marts

# With four in five right, a number by source or by period still means something.
MIN_SOURCE_PASS_RATE = 0.8
MIN_AMOUNT_PASS_RATE = 0.8
MIN_CREATED_DATE_PASS_RATE = 0.8
MIN_NET_NEW_PASS_RATE = 0.8
# In dollars, or what they buy of the corporate currency, for qualified deals. A single deal of a
# hundred million moves any company's quarter and is worth a look.
MAX_CREATED_AMOUNT = 1e8
# A record that qualifies after three years is an old one, reused.
MAX_DAYS_TO_QUALIFY = 1095
# The top decile of companies has coverage of six. At fifty, someone forgot to enter the quota.
MAX_COVERAGE = 50.0
# At twenty times the pace, someone forgot to enter the target.
MAX_PACE = 20.0
