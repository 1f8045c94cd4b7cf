"""The thresholds of the expectations, each with its reason.

What belongs here: numbers and sets of words. What does not: what they are compared with.
"""

# Shares and ratios of a handful of rows are chance; from here on they are a habit.
MIN_ROWS_TO_JUDGE = 50
MIN_ROWS_TO_COMPARE = 100

# --- landed tables

# CRMs delete and merge, but nobody loses half a table in a night: that is a load that broke off.
MIN_ROW_RATIO = 0.5
# A first load of a new region may double a table; more than that was mostly written twice.
MAX_ROW_RATIO = 2.0
# One row in twenty that stands for nothing is a loader's fault, not a person's.
MAX_SET_ASIDE_SHARE = 0.05

# From Friday evening to Monday morning are 2.6 days in which a history may rightly stand still.
MAX_HISTORY_GAP_DAYS = 2.9
# Other tables cost nothing that can't be caught up with: a week, so that holidays pass.
MAX_TABLE_GAP_DAYS = 7.0
# Rows that a table at its own pace would have got in the gap. A quiet table is no stale one:
# at 20 expected rows, none at all is chance once in five hundred million.
MIN_MISSED_ROWS = 20
# A pace is the mean of four weeks, so that each day of the week is in it alike.
PACE_DAYS = 28
# As-of is the end of a day: a long weekend's Monday is 3.3 days after the last Friday's work.
MAX_DAYS_BEHIND_AS_OF = 4.0

# One created date in five missing is a field that is no longer loaded; a single one is a finding.
MAX_CREATED_DATE_NULL_SHARE = 0.2
MAX_STAGE_NULL_SHARE = 0.2

# People of the MAP per person of the CRM. A MAP holds names that sales never sees, and some CRM
# people are in no MAP; beyond these one of the two is not being loaded.
MIN_MAP_CRM_RATIO = 0.05
MAX_MAP_CRM_RATIO = 50.0

# --- deals as core tells them

# Without an account nothing is a duplicate or recycled: one in ten bends the net-new number.
MAX_ACCOUNT_NULL_SHARE = 0.1
MAX_OWNER_NULL_SHARE = 0.1
# Early deals rightly have no amount yet, so half of them may be empty before it is a fault.
MAX_AMOUNT_NULL_SHARE = 0.5

# In the deal's own currency, of some of which ten thousand make a dollar: a trillion of any of them
# is a phone number in the wrong field.
MAX_AMOUNT = 1e12
MIN_AMOUNT = -1e12
# CRMs as we know them did not exist before 2000; nobody plans a deal ten years ahead.
# Dates are judged as the numbers that their digits make.
MIN_CLOSE_DATE = 2000_01_01
MAX_CLOSE_YEARS_AHEAD = 10

# ISO 4217.
CURRENCY_PATTERN = "^[A-Z]{3}$"
# The API names and labels that Salesforce ships; a company can rename the labels alone.
FORECAST_CATEGORIES = (
    "Omitted", "Pipeline", "Best Case", "BestCase", "Most Likely", "MostLikely", "Commit",
    "Forecast", "Closed",
)  # fmt: skip

# The median of all deals, closed ones too, moves by percents a month; by half in a night it is a
# unit or a currency that changed.
MIN_LEVEL_RATIO = 0.5
MAX_LEVEL_RATIO = 2.0
# The median close date moves about a day a day.
MAX_CLOSE_DATE_SHIFT_DAYS = 45
# Levels of longer ago are another season's.
MAX_DAYS_TO_COMPARE = 7

# --- marts

# Four in five right is where a number by source or by period still tells something.
MIN_SOURCE_PASS_RATE = 0.8
MIN_AMOUNT_PASS_RATE = 0.8
MIN_CREATED_DATE_PASS_RATE = 0.8
MIN_NET_NEW_PASS_RATE = 0.8
# In corporate currency, and created pipeline is of qualified deals: a hundred million in one deal
# moves any company's quarter and is worth a look.
MAX_CREATED_AMOUNT = 1e8
# A record that waits three years to qualify is an old one put to a new use.
MAX_DAYS_TO_QUALIFY = 1095
# The top decile of firms covers six times; fifty times is a quota that somebody forgot.
MAX_COVERAGE = 50.0
# Twenty times the pace is a target that somebody forgot.
MAX_PACE = 20.0
