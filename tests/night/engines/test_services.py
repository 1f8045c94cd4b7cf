"""Services that no test here reaches: the project is compiled for each, and parsed in its dialect.

What belongs here: what must hold of the SQL that dbt sends to Snowflake, BigQuery and Databricks,
as far as it shows without an account. What does not: its results there, which nobody has tried.
"""

import hashlib
import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sqlglot import ErrorLevel, ParseError, TokenError, TokenType, exp, parse, parse_one
from sqlglot.dialects.dialect import Dialect

from tests.support.running import PROJECT, copy_of_project, environment

SERVICES = ("snowflake", "bigquery", "databricks")
ENGINES = Path(__file__).parent

# As long as a slow registry takes for a service's packages, of up to 400 MB.
SETUP_SECONDS = 900
COMPILE_SECONDS = 300

# The branches of macros that no engine here takes by default.
VARS = {
    "business_timezone": "America/New_York",
    "fiscal_year_start_month": 2,
    "mask_personal_data": True,
}

# Made up: nothing listens at these addresses, and the key opens nothing.
CREDENTIALS = {
    "SNOWFLAKE_ACCOUNT": "nobody",
    "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY": "none",
    "BIGQUERY_PROJECT": "nobody",
    "BIGQUERY_CLIENT_EMAIL": "nobody@nowhere.invalid",
    "DATABRICKS_HOST": "nowhere.invalid",
    "DATABRICKS_HTTP_PATH": "/nowhere",
    "DBT_ENV_SECRET_DATABRICKS_TOKEN": "none",
    # Every use of the network is refused.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}

# What a model asks of the warehouse while it is compiled, in place of the macros named: every raw
# table is there with all that is read of it, as text, and of some rows nobody can tell.
ASKED = {
    "adapter.get_relation(": "nothing_there(",
    "adapter.dispatch('raw_columns', 'pipegen')(place, names)": "columns_as_text(place, names)",
}
ANSWERS = """
{% macro nothing_there() -%}
    {%- set ignored = (varargs, kwargs) -%}
    {{- return(none) -}}
{%- endmacro %}

{% macro run_query(sql) -%}
    {{- return({'rows': [[1]]}) -}}
{%- endmacro %}

{% macro columns_as_text(place, names) -%}
    {%- set rows = [] -%}
    {%- for node in graph.nodes.values()
        if node.fqn[1:3] == ["landing", place["schema"]] and normalised(node.alias) in names -%}
        {%- for name, column in node.columns.items() if column.config.meta.get('kind') -%}
            {%- do rows.append(('raw', node.alias, name, 'varchar')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rows) -}}
{%- endmacro %}
"""

# BigQuery's client reads the key as soon as it is made.
MAKE_KEY = """
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
print(key.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode())
"""


def _names(text: str) -> set[str]:
    return set(text.split())


# What comes before a parenthesis without being a function: grammar, and types with digits.
GRAMMAR = _names("""
    all and as bignumeric by decimal distinct else exists from group having in interval is not on or
    over select then union using values when where
""")

# Functions in the documentation of each service. A parser accepts any name as a function.
COMMON = _names("""
    abs array_agg avg cast ceil coalesce concat count date_trunc extract floor greatest lag lead
    least length lower max md5 min nullif power rank regexp_replace replace rollup round row_number
    sign substring sum translate trim upper
""")
FUNCTIONS = {
    "snowflake": COMMON | _names("""
        array_append array_construct arrays_overlap as_varchar convert_timezone dateadd datediff
        flatten greatest_ignore_nulls least_ignore_nulls listagg mod object_construct_keep_null
        parse_json percentile_cont position regexp_like split_part split_to_table to_json try_cast
    """),
    "bigquery": COMMON | _names("""
        array_concat date date_add date_diff date_sub datetime_add div json_keys lax_string
        parse_json regexp_contains safe_cast safe_offset split string_agg strpos struct timestamp
        timestamp_add timestamp_diff timestamp_trunc to_hex to_json_string unnest
    """),
    "databricks": COMMON | _names("""
        aggregate array array_append array_contains array_join array_sort arrays_overlap
        collect_list datediff div explode from_json from_utc_timestamp get map percentile_cont
        position regexp_extract split struct timestampadd timestampdiff to_json to_utc_timestamp
        transform try_cast
    """),
}  # fmt: skip

# What parsers accept and the service does not: words with blanks between them, each string as ''.
ANYWHERE = {
    r"\bctid\b|\brow_index\b": "a row has no place in its table",
    r"\bhugeint\b": "DuckDB's alone",
    r"&&": "Postgres' alone",
    r"\barray \[ (?!\])": "a list has no such literal",
    r"\bdistinct on\b": "Postgres' alone",
}
FORMS = {
    "snowflake": ANYWHERE
    | {
        r"interval '' \*": "an interval is a literal",
        r"\bfilter \(": "aggregates have no filter",
        r"\bwindow \w+ as \(": "a window has no name",
    },
    "bigquery": {
        **{form: why for form, why in ANYWHERE.items() if "array" not in form},
        r"\binterval ''": "an interval is a number and a part",
        r"\bdate_trunc \( ''": "the part comes second, without quotes",
        r"\bfilter \(": "aggregates have no filter",
        r"\bwithin group\b": "percentiles are window functions",
        r"\b(?:text|varchar|double)\b": "no such type",
        r"\bdecimal \( (?:[3-9]\d|\d+ , [1-9]\d)\b": "NUMERIC has 29 digits and 9",
        r"::": "casts are spelled out",
    },
    "databricks": ANYWHERE,
}  # fmt: skip

# What is known not to run on a service, and why. An entry that does run is an error too.
SEED_ORDER = {
    "seeds keep no order of rows there, and the first stage of two in one place is a rule": [
        "dim_stages",
    ],
}
EXCEPTIONS: dict[str, dict[str, list[str]]] = {
    "snowflake": SEED_ORDER,
    "bigquery": {
        **SEED_ORDER,
        "a share of twelve digits is written out as a decimal": [
            "fct_attribution", "fct_source_targets", "source_concentration",
        ],
        "so is a rate of 38": ["dim_exchange_rates"],
        "there is no exact percentile of a group": [
            "closing_speed", "int_win_rates__smoothed", "lead_funnel", "mql_response",
            "source_velocity",
        ],
        "a left join needs an equality": [
            "assert_renewals_beside_quotas_are_the_reconciled_ones", "dim_accounts", "dim_people",
            "int_benchmarks__company_figures", "plan_credibility",
        ],
    },
    "databricks": SEED_ORDER,
}  # fmt: skip
EXCEPTED = {
    service: {name for names in reasons.values() for name in names}
    for service, reasons in EXCEPTIONS.items()
}


def _lock(service: str) -> Path:
    return ENGINES / f"requirements-{service}.txt"


def _python(service: str) -> Path:
    """The Python of a service's own environment, made if it is missing or of another lock."""
    folder = PROJECT / ".services" / service
    python = folder / "bin" / "python"
    digest = hashlib.sha256(_lock(service).read_bytes()).hexdigest()
    made_of = folder / "made_of"
    if not made_of.is_file() or made_of.read_text() != digest:
        beside = Path(sys.executable).parent / "uv"
        uv = str(beside) if beside.is_file() else shutil.which("uv")
        assert uv, "uv is not there: `make setup` installs it"
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(_lock(service))],
        ):
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=SETUP_SECONDS
            )
            assert done.returncode == 0, f"no environment for {service}:\n{done.stderr}"
        made_of.write_text(digest)
    return python


@pytest.fixture(scope="module", params=SERVICES)
def compiled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, str]]:
    """A service, and the SQL of each model and data test for it by the node's name."""
    service = request.param
    python = _python(service)
    target = tmp_path_factory.mktemp(service)
    project = copy_of_project(target / "project")
    for path in (project / "macros").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for asked, answered in ASKED.items():
            text = text.replace(asked, answered)
        path.write_text(text, encoding="utf-8")
    (project / "macros" / "answers.sql").write_text(ANSWERS, encoding="utf-8")
    key = subprocess.run(
        [python, "-c", MAKE_KEY], capture_output=True, text=True, check=True
    ).stdout if service == "bigquery" else ""  # fmt: skip
    done = subprocess.run(
        [
            python, "-m", "dbt.cli.main", "compile", "--quiet", "--target", service,
            "--profiles-dir", str(project), "--target-path", str(target / "target"),
            "--log-path", str(target / "logs"), "--vars", json.dumps(VARS),
            "--no-introspect", "--no-populate-cache",
            "--select", "resource_type:model", "resource_type:test",
        ],
        cwd=project, capture_output=True, text=True, check=False, timeout=COMPILE_SECONDS,
        env=environment(target / "home")
        | CREDENTIALS
        | {"DBT_ENV_SECRET_BIGQUERY_PRIVATE_KEY": key, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, f"{service} does not compile:\n{done.stdout}\n{done.stderr}"
    manifest = json.loads((target / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = [
        node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "test")
    ]
    files = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (target / "target" / "compiled" / "pipegen").rglob("*.sql")
    }
    assert len(files) == len(nodes) > 600
    return service, files


def _complaint(sql: str, service: str) -> str | None:
    """The complaint of the dialect's parser, if any."""
    try:
        statements = parse(sql, read=service, error_level=ErrorLevel.RAISE)
    except (ParseError, TokenError) as error:
        return str(error).split("\n")[0]
    return None if len(statements) == 1 else f"{len(statements)} statements"


def _words(sql: str, service: str) -> list[str]:
    """The words of a statement in lower case, without its comments and with each string as ''."""
    texts = (TokenType.STRING, TokenType.RAW_STRING)
    return [
        "''" if token.token_type in texts else token.text.lower()
        for token in Dialect.get_or_raise(service).tokenize(sql)
    ]


def _is_equality(condition: exp.Expression | None) -> bool:
    return (
        isinstance(condition, exp.EQ)
        and condition.left.find(exp.Column) is not None
        and condition.right.find(exp.Column) is not None
    )


def _joined_by_no_equality(sql: str, service: str) -> list[str]:
    """Outer joins without an equality of columns, which BigQuery refuses."""
    if service != "bigquery" or _complaint(sql, service):
        return []
    found = []
    for join in parse_one(sql, read=service).find_all(exp.Join):
        on = join.args.get("on")
        conditions = on.flatten() if isinstance(on, exp.And) else [on]
        if join.side and not any(_is_equality(one) for one in conditions):
            found.append(f"{join.sql(dialect=service)[:80]} (an outer join needs an equality)")
    return found


def _unknown(sql: str, service: str) -> list[str]:
    """Functions that the service does not have, and forms that it does not accept."""
    try:
        words = _words(sql, service)
    except TokenError:
        return []
    called = {
        word for word, after in itertools.pairwise(words) if after == "(" and word.isidentifier()
    }
    text = " ".join(words)
    return (
        sorted(called - GRAMMAR - FUNCTIONS[service])
        + [
            f"{found.group(0)} ({why})"
            for form, why in FORMS[service].items()
            if (found := re.search(form, text))
        ]
        + _joined_by_no_equality(sql, service)
    )


def _told(failures: dict[str, str]) -> str:
    return "\n" + "\n".join(f"{name}: {why}" for name, why in sorted(failures.items()))


@pytest.mark.services
def test_every_model_and_test_compiles_in_its_dialect(compiled: tuple[str, dict[str, str]]) -> None:
    service, files = compiled
    failures = {name: why for name, sql in files.items() if (why := _complaint(sql, service))}
    assert not failures, _told(failures)


@pytest.mark.services
def test_nothing_unknown_there_is_called(compiled: tuple[str, dict[str, str]]) -> None:
    service, files = compiled
    failures = {
        name: ", ".join(why) for name, sql in files.items() if (why := _unknown(sql, service))
    }
    unexpected = {k: why for k, why in failures.items() if k not in EXCEPTED[service]}
    assert not unexpected, _told(unexpected)


@pytest.mark.services
def test_every_exception_is_still_one(compiled: tuple[str, dict[str, str]]) -> None:
    service, files = compiled
    sound = [name for name in sorted(EXCEPTED[service]) if not _unknown(files[name], service)]
    assert not sound, f"these run on {service} by all that is known here: {sound}"


@pytest.mark.parametrize(
    ("service", "sql", "seen"),
    [
        ("snowflake", "select timezone('UTC', a) from b", "timezone"),
        ("snowflake", "select a + interval '1 day' * 2 from b", "interval '' * (an interval"),
        ("snowflake", "select sum(a) filter (where c) from b", "filter ( (aggregates"),
        ("snowflake", "select a from b join c window w as (order by a)", "window w as ("),
        ("bigquery", "select date_trunc('month', a) from b", "date_trunc ( ''"),
        ("bigquery", "select cast(a as decimal(18, 15)) from b", "decimal ( 18 , 15"),
        ("bigquery", "select cast(a as decimal(38, 9)) from b", "decimal ( 38"),
        ("bigquery", "select cast(a as varchar) from b", "varchar"),
        ("bigquery", "select a + interval '3 months' from b", "interval ''"),
        ("bigquery", "select a from b left join c on b.a >= c.a", "LEFT JOIN c"),
        ("databricks", "select list_has_any(a, c) from b", "list_has_any"),
        ("databricks", "select array[a] from b", "array ["),
    ],
)  # fmt: skip
def test_what_parses_and_is_not_theirs_is_seen(service: str, sql: str, seen: str) -> None:
    assert any(one.startswith(seen) for one in _unknown(sql, service)), _unknown(sql, service)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_theirs_is_left_alone(service: str) -> None:
    sql = "select 'timezone(' || lower(a) /* timezone( */ from b where a in ('x') and (c or d)"
    assert _unknown(sql, service) == []
    assert _complaint(sql, service) is None
    assert _complaint("select a from (b", service)


# Every field that one of the three adapters treats as a secret.
SECRET = re.compile(r"(?:^|_)(?:password|passphrase|private_key|token|secret|keyfile)$")
FROM_ENVIRONMENT = re.compile(r"\{\{ env_var\('DBT_ENV_SECRET_[A-Z_]+'\) \}\}")
TEMPLATE = re.compile(r"\{\{ env_var\('[A-Z_]+'(?:, '[^']*')?\)(?: \| as_number)? \}\}")
LITERAL = {"type", "method"}


def _fields(output: dict[str, object]) -> list[tuple[str, str]]:
    """The fields of a target and their values, nested ones too."""
    found: list[tuple[str, str]] = []
    for name, value in output.items():
        found += _fields(value) if isinstance(value, dict) else [(name, str(value))]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_the_profile_names_its_secrets_by_environment_only(service: str) -> None:
    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    fields = _fields(profiles["pipegen"]["outputs"][service])
    secrets = [value for name, value in fields if SECRET.search(name)]
    assert secrets, f"how does {service} know who asks?"
    assert [value for value in secrets if not FROM_ENVIRONMENT.fullmatch(value)] == []
    others = [(name, value) for name, value in fields if not SECRET.search(name)]
    assert [
        name for name, value in others if name not in LITERAL and not TEMPLATE.fullmatch(value)
    ] == []
    assert [name for name, value in others if "DBT_ENV_SECRET_" in value] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_line_of_its_lock_is_a_name_and_a_version(service: str) -> None:
    lines = _lock(service).read_text(encoding="utf-8").splitlines()
    assert f"dbt-{service}" in {line.partition("==")[0] for line in lines}
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[0-9][\w.+!]*", line)] == []
