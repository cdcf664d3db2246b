"""The examples at the end of each command's help."""

from __future__ import annotations

from typing import Final

EXAMPLES: Final = {
    "export": """
dmc export "Sample source" Customer -o customers.zip
dmc export Staging Ticket -o tickets.zip --format CSV --fields title,state
dmc export Staging Ticket -o urgent.zip --filter "priority gt 3" --sort title:asc
""",
    "import": """
dmc import "Sample target" Customer customers.zip
dmc import Production Ticket tickets.csv --dry-run
dmc import Production Ticket tickets.csv --on-error continue
dmc import Production Ticket tickets.csv --update-strategy PARTIAL_UPDATE
dmc import Production Ticket tickets.xlsx --map "Betreff=title" --map "Status=state"
""",
    "preview": """
dmc preview "Sample target" Customer customers.zip
dmc preview Production Ticket tickets.csv --sample --rows 100
""",
    "suggest": """
dmc suggest Production tickets.csv
""",
    "mapping": """
dmc mapping Production Ticket tickets.csv -o mapping.yaml
""",
    "package": """
dmc package Production my-client-extension/batch
dmc package Production package.zip --site guest
dmc package Production package.zip --resume
dmc package Production package.zip --update-strategy MERGE
""",
    "migrate": """
dmc migrate Staging Production Ticket --with-needed --dry-run
dmc migrate Staging Production Ticket --with-needed
dmc migrate Staging Production --filter "Ticket=priority gt 3"
dmc migrate Staging Production --match Customer=email --match Line=order,position
dmc migrate Staging Production --update-strategy MERGE --leave Ticket.label
""",
    "export-package": """
dmc export-package Staging Ticket --with-needed -o package.zip
""",
    "compare": """
dmc compare Staging Production
dmc compare Staging Production --json
dmc compare Staging Production -o differences.yaml
dmc compare Staging Production --apply Ticket.objectFields.state
""",
    "show": """
dmc show "Sample source" Customer
dmc show Staging Ticket --filter "priority gt 3" --sort title:asc --page 2
dmc show Staging Ticket --search lamp --json
dmc show Staging Ticket T-100
""",
    "changes": """
dmc changes 7
dmc changes 7 --lost
dmc changes 7 --field state --csv > changes.csv
""",
    "outcomes": """
dmc outcomes 7
dmc outcomes 7 --kind skipped
dmc outcomes 7 --json > outcomes.json
""",
    "run": """
dmc run 7
""",
    "backup": """
dmc backup Production
dmc backup Production Ticket Customer --filter "Ticket=priority gt 3"
""",
    "restore": """
dmc restore 7 --dry-run
dmc restore 7 Ticket
dmc restore 7 --into Rehearsal
""",
    "verify": """
dmc verify 12
dmc verify 12 --workers 4
dmc verify 12 --last -o report.html
dmc verify Staging Production Ticket -o report.html
dmc verify Staging Production Customer --match Customer=email
""",
    "errors": """
dmc errors
dmc errors unique-value-constraint-violation
dmc errors ObjectEntryValuesException$Required
""",
    "work": """
dmc work
dmc work --at-once 2 --until-idle
""",
    "workspace database": """
dmc workspace database postgresql://team@db.example.com/dmc
""",
    "workspace pool": """
dmc workspace pool
dmc workspace pool --off
""",
    "serve": """
dmc serve
dmc serve --port 8899 --no-browser
dmc serve --files /srv/imports --allowed-source files.example.com
dmc serve --base-url /dmc/ --allowed-host dmc.example.com --trusted-proxy 127.0.0.1
""",
    "user add": """
dmc user add ada --role look --role Production=import
dmc user add bob --role administer --password-file bob.txt
""",
    "user list": """
dmc user list
""",
    "user role": """
dmc user role ada --role export
""",
    "user password": """
dmc user password ada
""",
    "user remove": """
dmc user remove ada
""",
    "sandbox": """
dmc sandbox --db rehearsal.db
dmc sandbox --site north --client-scope C_Ticket.everything.read
""",
    "installation add": """
dmc installation add Local sqlite:///local.db
dmc installation add Live https://liferay.example.com --user ada@example.com
dmc installation add Live https://liferay.example.com --client-id dmc
""",
    "installation list": """
dmc installation list
dmc installation list --json
""",
    "installation show": """
dmc installation show "Sample source"
""",
    "installation test": """
dmc installation test Production
""",
    "installation rename": """
dmc installation rename Staging Acceptance
""",
    "installation remove": """
dmc installation remove Archive
""",
    "installation entities": """
dmc installation entities "Sample source"
""",
    "installation fields": """
dmc installation fields "Sample source" Customer --for import
""",
    "installation sites": """
dmc installation sites Production Ticket
""",
    "task list": """
dmc task list
dmc task list --status Failed --since 7d --find ticket
dmc task list --json
""",
    "task show": """
dmc task show 12
dmc task show 12 --json
""",
    "task log": """
dmc task log 12
dmc task log 12 --json
""",
    "task report": """
dmc task report 12 -o failed.csv
""",
    "prune": """
dmc prune --older-than 90d --dry-run
dmc prune --older-than 90d
""",
    "notification add": """
dmc notification add Ops --address jsons://hooks.example.com/dmc --after 300
dmc notification add Mail --only-failed
""",
    "notification list": """
dmc notification list
""",
    "notification remove": """
dmc notification remove Ops
""",
    "notification test": """
dmc notification test Ops
""",
    "history": """
dmc history --since 7d
dmc history 12
dmc history --event Failed --installation Production --json
""",
    "failures": """
dmc failures 12
dmc failures 12 --groups
dmc failures 12 -o failed.csv
""",
    "retry": """
dmc retry 12 failed.csv --dry-run
dmc retry 12 failed.csv
dmc retry 12 --replace "colour:Blau=blue" --add-key "colour:green"
dmc retry 12
""",
    "undo": """
dmc undo 12 --dry-run
dmc undo 12
""",
    "cancel": """
dmc cancel 12
""",
    "resume": """
dmc resume 7
dmc resume 9 --workers 2
dmc resume 8 -o customers.zip
""",
    "task resume": """
dmc task resume 7
""",
    "pause": """
dmc pause 12
""",
    "task pause": """
dmc task pause 12
""",
    "task again": """
dmc task again 12
""",
    "task compare": """
dmc task compare 12 15
dmc task compare 12 15 --json
""",
    "task cancel": """
dmc task cancel 12
""",
    "template list": """
dmc template list
""",
    "template show": """
dmc template show "Nightly tickets"
""",
    "template rename": """
dmc template rename "Nightly tickets" "Weekly tickets"
""",
    "template duplicate": """
dmc template duplicate "Nightly tickets"
dmc template duplicate "Nightly tickets" "Weekly tickets"
""",
    "template export": """
dmc template export -o templates.yaml
dmc template export "Nightly tickets" -o nightly.json
""",
    "template import": """
dmc template import templates.yaml
dmc template import templates.yaml --replace
""",
    "template delete": """
dmc template delete "Nightly tickets"
""",
}
"""Of each command, lines that can be typed as they stand."""


def help_epilog(command: str) -> str:
    """Return the examples of *command* as the end of its help.

    The first line tells click to keep the line ends.
    """
    lines = EXAMPLES[command].strip().splitlines()
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
