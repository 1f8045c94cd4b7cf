"""The project's own rules that dbt does not enforce, as functions over a manifest.

What belongs here: what may read what, names, grains, documentation. Each rule yields one line per
breach, which says what is wrong and where to move the thing. What does not: reading the project.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

# What each layer may read. `audit` accounts for a run and so may look at anything; nothing that
# others build on rests on it.
MAY_READ = {
    "landing": {"landing"},
    "staging": {"source", "landing"},
    "crm": {"staging"},
    "map": {"staging"},
    "intermediate": {"crm", "map", "staging", "intermediate", "core", "seed"},
    "core": {"crm", "map", "staging", "intermediate", "core", "seed"},
    "marts": {"core", "intermediate", "marts"},
    "audit": {
        "source", "landing", "seed", "staging", "crm", "map", "intermediate", "core", "marts",
        "audit",
    },
}

# What is of no system, and so is read without a seam: what landing counted, what was carried over.
OF_NO_SYSTEM = {"landing", "carried"}

# What a reader may read of a layer only within its own group.
WITHIN_GROUP = {("marts", "intermediate"), ("marts", "marts")}

WHERE_TO = {
    ("staging", "seed"): "join the seed in an intermediate model (models/intermediate/<subject>/)",
    ("staging", "staging"): "unite them in an intermediate model (models/intermediate/<subject>/)",
    ("intermediate", "source"): "rename and cast it in models/staging/<system>/ and read that",
    ("intermediate", "marts"): "move what both need into core, or into models/intermediate/",
    ("core", "source"): "stage it in models/staging/<system>/ first",
    ("core", "marts"): "move what both need into core, or into models/intermediate/",
    ("marts", "source"): "stage it in models/staging/<system>/ and bring it to core",
    ("marts", "seed"): "apply the seed in an intermediate model of the same group and read that",
    ("intermediate", "staging"): "read the seam, which knows every system (models/crm, models/map)",
    ("core", "staging"): "read the seam, which knows every system (models/crm, models/map)",
    ("marts", "staging"): "bring what is needed to core (models/core/<subject>/)",
    ("marts", "crm"): "bring what is needed to core (models/core/<subject>/)",
    ("marts", "map"): "bring what is needed to core (models/core/<subject>/)",
    ("crm", "landing"): "stage it in models/staging/<system>/ first",
    ("map", "landing"): "stage it in models/staging/<system>/ first",
    ("crm", "intermediate"): "a rule is no system's: apply it in models/intermediate/<subject>/",
    ("map", "intermediate"): "a rule is no system's: apply it in models/intermediate/<subject>/",
    ("marts", "intermediate"): "it is private to another group: read a core model, or add to one",
    ("marts", "marts"): "it belongs to another group: read core, or move the reader to that group",
}
OTHERWISE = "see the table of layers in docs/naming.md for what may read what"

# The tag of columns that hold names, e-mail addresses, or text that may.
PERSONAL = "personal_data"

# What a column that holds a person's name or address is called; those of things are allowed.
PERSONAL_NAMES = re.compile(
    r"(?!is_|has_)(.*_)?(e_?mail|email_address|phone|mobile|first_name|last_name|full_name|owner)"
    r"|(.*_)?(user|person|contact|lead|owner|manager|rep|seller)_name|name",
)

# A column of a select list: the last word of its line.
LAST_ON_LINE = r"^ +(?:\w+\.|.* as )?(\w+),?$"


@dataclass(frozen=True)
class Node:
    """A model, seed or source of the manifest; `folders` are those under `models/`."""

    name: str
    kind: str
    folders: tuple[str, ...] = ()
    path: str = ""
    code: str = ""
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    reads: tuple["Node", ...] = ()
    macros: tuple[str, ...] = ()
    group: str | None = None
    access: str | None = None
    is_contracted: bool = False

    @property
    def layer(self) -> str:
        """`staging`, `core` … of a model, `seed` or `source`."""
        return self.folders[0] if self.kind == "model" and self.folders else self.kind

    @property
    def subject(self) -> str:
        """The folder in the layer: a system or a subject."""
        return self.folders[1] if len(self.folders) > 1 else ""

    @property
    def sql(self) -> str:
        """The code without comments."""
        without_blocks = re.sub(r"\{#.*?#\}|/\*.*?\*/", "", self.code, flags=re.DOTALL)
        return re.sub(r"--[^\n]*", "", without_blocks)


def nodes_of(manifest: Mapping[str, Any]) -> list[Node]:
    """The project's own models, each with what it reads."""
    raw = {**manifest["nodes"], **manifest["sources"]}
    plain = {
        key: Node(
            name=one["name"],
            kind=one["resource_type"],
            folders=_folders(one),
            path=one["original_file_path"],
            personal=_personal(one),
            group=one.get("config", {}).get("group"),
            access=one.get("access"),
        )
        for key, one in raw.items()
    }
    return [
        Node(
            name=one["name"],
            kind="model",
            folders=_folders(one),
            path=one["original_file_path"],
            code=one["raw_code"],
            description=" ".join((one["description"] or "").split()),
            columns={c: v["description"] for c, v in one["columns"].items()},
            personal=_personal(one),
            reads=tuple(plain[key] for key in one["depends_on"]["nodes"]),
            macros=tuple(one["depends_on"]["macros"]),
            group=one["config"].get("group"),
            access=one["access"],
            is_contracted=one["contract"]["enforced"],
        )
        for one in raw.values()
        if one["resource_type"] == "model" and one["package_name"] == "pipegen"
    ]


def _personal(one: Mapping[str, Any]) -> frozenset[str]:
    columns = one.get("columns", {}).items()
    return frozenset(name for name, column in columns if PERSONAL in column["config"]["tags"])


def _folders(one: Mapping[str, Any]) -> tuple[str, ...]:
    if one["resource_type"] == "source":
        return ("source", one["source_name"])
    return tuple(one["path"].split("/")[:-1])


def strangers(models: list[Node]) -> Iterator[str]:
    """Models outside every layer."""
    for model in models:
        if model.layer not in MAY_READ:
            yield f"{model.path} is in no layer: move it to one of models/{{{','.join(MAY_READ)}}}/"


def forbidden_reads(models: list[Node]) -> Iterator[str]:
    """Models that read what their layer may not, or what is private to another group."""
    for model in models:
        for read in model.reads:
            pair = (model.layer, read.layer)
            is_allowed = read.layer in MAY_READ.get(model.layer, set())
            if pair in WITHIN_GROUP:
                is_allowed = read.group == model.group
            if read.layer == "staging" and model.layer in ("intermediate", "core"):
                is_allowed = read.subject in OF_NO_SYSTEM
            if not is_allowed:
                where = WHERE_TO.get(pair, OTHERWISE)
                breach = f"{model.path} ({model.layer}) reads {read.layer} {read.name}"
                if read.layer == "audit":
                    where = "audit is read by nobody else: read what it reads"
                yield f"{breach}: {where}"


def staging_of_other_systems(models: list[Node]) -> Iterator[str]:
    """Staging models that read another system than the folder they are in."""
    for model in models:
        for read in model.reads:
            # What landing counted is of all systems.
            subject = "landing" if read.subject == "audit" else read.subject
            if model.layer == "staging" and subject != model.subject:
                yield (
                    f"{model.path} reads {subject}.{read.name}: "
                    f"move it to models/staging/{subject}/"
                )


def staging_of_set_aside_rows(models: list[Node]) -> Iterator[str]:
    """Staging models that do not leave out, of each landed table, the rows that were set aside."""
    for model in models:
        landed = [read for read in model.reads if read.subject in ("salesforce", "marketo")]
        if model.layer == "staging" and landed:
            reads = len(re.findall(r"\bref\(", model.sql))
            if len(re.findall(r"\bset_aside_reason is null\b", model.sql)) != reads:
                yield f"{model.path}: read the rows of each table `where set_aside_reason is null`"


def named_systems(models: list[Node], systems: Collection[str]) -> Iterator[str]:
    """Seams that read the staging of one system by its name, or that say whose a row is."""
    for model in models:
        if model.layer in ("crm", "map"):
            for system in systems:
                if system in model.sql:
                    yield f"{model.path} names {system}: loop over {model.layer}_systems()"
            if "' as system," not in model.sql:
                yield f"{model.path}: begin its columns with the system that has the row"


def busy_staging(models: list[Node]) -> Iterator[str]:
    """Staging models with joins, with the clock or with a company's settings."""
    for model in models:
        if model.layer != "staging":
            continue
        # Not the filter of Jinja's.
        if re.search(r"(?<!\| )\bjoin\b", model.sql, re.IGNORECASE):
            yield f"{model.path} joins: join in an intermediate model (models/intermediate/)"
        asks = re.search(r"\bas_of_(date|at|text)\b\s*\(", model.sql)
        if asks or any("as_of_" in name for name in model.macros):
            yield f"{model.path} asks for the as-of day: filter by it in models/intermediate/"
        if re.search(r"\bvar\s*\(", model.sql):
            yield f"{model.path} asks for a setting: a rule belongs in models/intermediate/"


def other_clocks(models: list[Node], macros: Mapping[str, str]) -> Iterator[str]:
    """Models and macros that take the time from another clock than `as_of_date()`."""
    asks = re.compile(
        r"\b(current_date|current_timestamp|current_time|localtimestamp|sysdate)\b"
        r"|\b(getdate|today|now)\s*\(|run_started_at",
        re.IGNORECASE,
    )
    texts = {model.path: model.sql for model in models} | dict(macros)
    for path, sql in texts.items():
        if not path.endswith("clock.sql") and (found := asks.search(sql)):
            yield (
                f"{path} asks {found[0].strip(' (')}: the one clock is as_of_date() and "
                "as_of_at() in macros/clock.sql"
            )


def misnamed(models: list[Node]) -> Iterator[str]:
    """Models whose name does not say their layer, system and grain."""
    for model in models:
        if model.layer == "landing":
            if not re.fullmatch(rf"lnd_({model.subject}__)?[a-z][a-z_]*", model.name):
                yield f"{model.path}: call it lnd_{model.subject}__<raw table>"
        elif model.layer == "staging":
            if not re.fullmatch(rf"stg_{model.subject}__[a-z][a-z_]*", model.name):
                yield f"{model.path}: call it stg_{model.subject}__<entities>"
        elif model.layer in ("crm", "map"):
            if not re.fullmatch(rf"{model.layer}(_[a-z]+)+", model.name):
                yield f"{model.path}: call it {model.layer}_<entities>"
        elif model.layer == "intermediate":
            if not re.fullmatch(r"int(_[a-z]+)+__[a-z]+(_[a-z]+)*", model.name):
                yield f"{model.path}: call it int_<entities>__<what it holds>"
        elif model.layer == "core":
            if not re.fullmatch(r"(fct|dim)_[a-z][a-z_]*", model.name):
                yield f"{model.path}: call it fct_<entities> or dim_<entities>"
        elif re.match(r"(stg|int|fct|dim|mart)_", model.name):
            yield f"{model.path}: the folder says what it is; leave the prefix out"


def missing_grains(models: list[Node]) -> Iterator[str]:
    """Public models that do not open with their grain, in code and in description."""
    for model in models:
        if model.layer not in ("landing", "crm", "map", "core", "marts", "audit"):
            continue
        first = model.code.split("\n", 1)[0].strip()
        if not first.startswith("-- One row per "):
            yield f"{model.path}: begin with its grain, `-- One row per …`"
        elif not model.description.startswith(" ".join(first[3:].split())):
            yield (
                f"{model.path}: its description in the YAML beside it must open with the words "
                f"of its first line, '{first[3:]}'"
            )


def undocumented(models: list[Node]) -> Iterator[str]:
    """Models or columns without a description, and public models without a contract."""
    for model in models:
        if model.layer in ("core", "marts", "audit") and not model.is_contracted:
            yield f"{model.path}: enforce its contract (dbt_project.yml does for its layer)"
        if not model.columns or not model.description:
            yield f"{model.path}: describe it and its columns in the _models.yml beside it"
        for column, description in model.columns.items():
            if not description.strip():
                yield f"{model.path}: describe column {column} in the _models.yml beside it"


def personal_marts(models: list[Node], promised: Mapping[str, str]) -> Iterator[str]:
    """Columns of marts that are tagged or named as personal data, except promised ones."""
    for model in models:
        for column in model.columns if model.layer == "marts" else ():
            called = PERSONAL_NAMES.fullmatch(column)
            if (column in model.personal or called) and f"{model.name}.{column}" not in promised:
                yield (
                    f"{model.path}: {column} is personal data: leave it in core; readers who "
                    "are allowed to see it can join it by the id"
                )


def untagged_personal_data(models: list[Node], exceptions: Mapping[str, str]) -> Iterator[str]:
    """Untagged columns named like personal data, or like a tagged column of a model they come from.

    A contract lists every column: there the name decides, however many models lie between the two.
    Other models are judged by their code, which has one column per line.
    """
    by_name = {model.name: model for model in models}

    @cache
    def before(name: str) -> frozenset[str]:
        # A source may have the name of a mart that is built from it.
        reads = by_name[name].reads if name in by_name else ()
        further = (before(read.name) for read in reads if read.kind == "model")
        return frozenset().union(*(read.personal for read in reads), *further)

    for model in models:
        if model.is_contracted:
            columns, passed = set(model.columns), before(model.name)
        else:
            columns = set(model.columns) | set(re.findall(LAST_ON_LINE, model.sql, re.MULTILINE))
            passed = frozenset().union(*(read.personal for read in model.reads))
        for name in sorted(columns - model.personal):
            is_personal = name in passed or PERSONAL_NAMES.fullmatch(name)
            if is_personal and f"{model.name}.{name}" not in exceptions:
                yield f"{model.path}: tag {name} {PERSONAL} in the _models.yml beside it"


ACCESS = {
    "landing": "protected",
    "staging": "protected",
    "intermediate": "private",
    "core": "protected",
    "marts": "public",
    "audit": "public",
}

# Intermediate models that other groups read, and that are not published: in a run as of an earlier
# day, what the CRM says today must not be taken for what was true then.
SHARED = {"int_opportunities__crm_values", "int_opportunity_fields__spells"}

# Subjects of intermediate models that are part of another subject's group.
GROUPS = {
    "accountability": "creation",
    "leads": "funnel",
    "opportunities": "definition",
    "people": "funnel",
    "risk": "movement",
    "touches": "funnel",
}


def ungoverned(models: list[Node]) -> Iterator[str]:
    """Models whose group is not their folder's, or whose access is not their layer's."""
    for model in models:
        if model.layer not in ACCESS:
            continue
        group = GROUPS.get(model.subject, model.subject)
        if model.layer in ("landing", "staging"):
            group = "definition"
        # A log of the audit belongs to the subject whose rules it remembers.
        if model.layer == "audit":
            group = model.group or "audit"
        if model.group != group:
            yield (
                f"{model.path} is in group {model.group}: its folder belongs to {group}; "
                "dbt_project.yml says which folder belongs to which group"
            )
        access = "protected" if model.name in SHARED else ACCESS[model.layer]
        if model.access != access:
            yield (
                f"{model.path} is {model.access}: a model of {model.layer} is {access}; "
                "what another group reads belongs in models/core/"
            )


def without_unit_test(
    models: list[Node], tested: set[str], exceptions: Mapping[str, str]
) -> Iterator[str]:
    """Rule models (all of intermediate) that no unit test is about."""
    for model in models:
        if model.layer == "intermediate" and model.name not in tested | set(exceptions):
            yield (
                f"{model.path} has no unit test: write one for its rule in "
                f"models/intermediate/{model.subject}/{model.name}__unit_tests.yml"
            )


def reading_macros(macros: Mapping[str, str]) -> Iterator[str]:
    """Macros that read a model or a source, but for those by which every seed is read."""
    for path, sql in macros.items():
        if path.startswith("macros/seeds.sql"):
            continue
        if found := re.search(r"\b(ref|source)\s*\(", sql):
            yield f"{path} calls {found[1]}(): let the model read, and hand the macro columns"


def seeds_read_by_name(texts: Mapping[str, str], seeds: set[str]) -> Iterator[str]:
    """Models and tests that read a seed by its own name: in a package, that is no company's."""
    for path, text in texts.items():
        for name in re.findall(r"\bref\(\s*[\"'](\w+)[\"']", text):
            if name in seeds:
                yield f"{path} reads the seed {name} by ref(): read it by {{{{ seed('{name}') }}}}"


def unit_tests_of_packages(unit_tests: Mapping[str, str]) -> Iterator[str]:
    """Unit tests that are there in a package as well, where the seeds they read are not."""
    for name, config in unit_tests.items():
        if "var('unit_tests_enabled')" not in config:
            yield (
                f"{name}: put config: "
                """{enabled: "{{ project_name == 'pipegen' or var('unit_tests_enabled') }}"} """
                "below its model"
            )


def unclaimed_tests(tests: Mapping[str, str]) -> Iterator[str]:
    """Singular data tests whose name is no claim, or that don't say what a row of them means."""
    for path, code in tests.items():
        name = path.rpartition("/")[2]
        if not name.startswith("assert_"):
            yield f"{path}: name it after its claim, assert_<claim>.sql"
        if not re.match(r"-- A row (is|means) ", code):
            yield f"{path}: begin with `-- A row is …` or `-- A row means …`: what a failure is"


def unexplained_vars(project_file: str) -> Iterator[str]:
    """Settings in dbt_project.yml without the reason for their default above them."""
    lines = project_file.splitlines()
    start = lines.index("vars:")
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if line and not line.startswith(" "):
            return
        named = re.match(r"  (\w+):", line)
        if named and not lines[number - 1].lstrip().startswith("#"):
            yield f"dbt_project.yml: say above {named[1]} why its default is what it is"


def unknown_vars(texts: Mapping[str, str], known: set[str]) -> Iterator[str]:
    """Settings that SQL asks for and dbt_project.yml does not have."""
    for path, text in texts.items():
        for name in re.findall(r"\bvar\(\s*[\"'](\w+)[\"']", text):
            if name not in known:
                yield f"{path} asks for the setting {name}, which dbt_project.yml does not have"


def lenient_tests(texts: Mapping[str, str]) -> Iterator[str]:
    """Tests that only warn, without the reason above."""
    for path, text in texts.items():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if not re.search(r"severity\s*[:=]\s*['\"]?warn", line):
                continue
            if number == 0 or not re.match(r"\s*(#|--|\{#)", lines[number - 1]):
                yield f"{path} line {number + 1}: say above why this test only warns"
