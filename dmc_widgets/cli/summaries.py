"""The first sentence of each command's help, by the command's module and function.

The help of a group shows them without loading its commands. A test holds them equal to
the first paragraphs of the commands' docstrings.
"""

from __future__ import annotations

from typing import Final

SUMMARIES: Final[dict[str, str]] = {
    "import_export:export_records": "Export the records of an entity type into a file.",
    "import_export:import_records": "Import the records of a file into an entity type.",
    "preview:preview_records": (
        "Show what an import would make of some records, and write nothing."
    ),
    "import_export:suggest_entity_type": (
        "List the entity types that a file's records may belong to, and why."
    ),
    "import_export:save_mapping": (
        "Write a suggested mapping of a file's fields, to be edited."
    ),
    "packages:import_package": (
        "Import every *.batch-engine-data.json below a folder, or in a zip."
    ),
    "migration:migrate": (
        "Bring entity types from one installation into another, with no file between."
    ),
    "running.history:show_history": (
        "Show what happened to tasks, the newest first: who, what, when, which file."
    ),
    "running.prune:prune_tasks": (
        "Remove files, outcomes, changes and marks of old tasks, and unused "
        "attachments."
    ),
    "tasks:cancel_task": "End a task within a second; what it has written stays.",
    "tasks:pause_task": (
        "Interrupt a task within a second; `dmc resume ID` goes on with its "
        "next record."
    ),
    "running.resume:resume_task": (
        "Go on with a task that was paused, cancelled or killed, or that stopped."
    ),
    "migration:export_package": (
        "Export many entity types into one zip, as batch client extensions hold them."
    ),
    "running.backups:back_up": (
        "Copy entity types of an installation into the workspace, with their files."
    ),
    "running.backups:restore": "Bring the items of a backup back, as they were.",
    "running.verification:verify": (
        "Verify a task, or compare what two installations hold; nothing is written."
    ),
    "comparing:compare_installations": (
        "Show how folders, picklists and definitions of two installations differ."
    ),
    "browsing:show_records": (
        "Show the records that an installation holds, page by page, or one of them."
    ),
    "running.changes:list_changes": (
        "Show what a task changed: first by field, then record by record."
    ),
    "running.shown_run:run_as_shown": (
        "Run exactly what the dry run of that ID has shown."
    ),
    "running.outcomes:list_outcomes": (
        "Show what became of each record of a task: first by kind, then one by one."
    ),
    "running.repair:list_failures": (
        "Show the records of a task that failed, or write them into a file."
    ),
    "running.repair:retry_failures": (
        "Try the failed records of a task again, within the task."
    ),
    "running.undo:undo_task": (
        "Take a task back: delete what it created, restore what it updated."
    ),
    "error_codes:explain_errors": (
        "List the error codes, or explain one: what it means and what is said with it."
    ),
    "workspaces:work": (
        "Take the tasks that wait in the workspace's pool, one after another."
    ),
    "servers:serve_dashboard": (
        "Serve the dashboard until Ctrl-C: to you alone, or to the users of `dmc user`."
    ),
    "servers:serve_sandbox": (
        "Serve an embedded installation through Liferay's API, until Ctrl-C."
    ),
    "installations:connect": "Remember an installation under a name; it has to answer.",
    "installations:list_installations": "List the installations of the workspace.",
    "browsing:show_installation": (
        "Show the definitions, picklists and folders of an installation."
    ),
    "installations:test_installation": (
        "Check that an installation answers, and how much it holds."
    ),
    "installations:rename_installation": (
        "Give an installation another name, everywhere it is named."
    ),
    "installations:remove_installation": (
        "Forget an installation and its stored secret; nothing of it is deleted."
    ),
    "installations:list_entities": "List the entity types of an installation.",
    "installations:list_fields": "List the fields of an entity type.",
    "installations:list_sites": (
        "List the sites that the entries of an object may belong to."
    ),
    "tasks:list_tasks": "List the tasks of the workspace, the newest first.",
    "tasks:show_task": "Show a task, its counts and what failed in it.",
    "tasks:show_log": (
        "Show what a task did: its worker, its parts, requests that were sent again."
    ),
    "tasks:save_report": "Save the failed records of a task as CSV.",
    "running.reruns:run_again": (
        "Run a task once more, as a new one with the same plan and the same file."
    ),
    "running.reruns:compare_tasks": (
        "Show what is different about two tasks: plans, counts, outcomes of records."
    ),
    "running.notifications:add_notification": (
        "Tell somebody when a long task ends: by mail, to a webhook, to a chat."
    ),
    "running.notifications:list_notifications": (
        "List the notifications, without their addresses."
    ),
    "running.notifications:remove_notification": "Remove a notification.",
    "running.notifications:send_test_message": (
        "Send a message at once, to see whether it arrives."
    ),
    "users:add_user": "Add a user, who signs in with a password.",
    "users:list_users": "List the users and their roles.",
    "users:set_roles": (
        "Replace the roles of a user, at once also in pages that are open."
    ),
    "users:set_password": (
        "Replace the password of a user, who is signed out everywhere."
    ),
    "users:remove_user": (
        "Remove a user, who is signed out at once. Tasks go on, and keep their author."
    ),
    "workspaces:use_database": (
        "Keep a new workspace in PostgreSQL, so that several machines can share it."
    ),
    "workspaces:use_pool": (
        "Let new tasks wait for a process of `dmc work`, on any machine."
    ),
    "templates:list_templates": "List the templates of the workspace.",
    "templates:show_template": "Show everything that a template keeps, as JSON.",
    "templates:rename_template": "Give a template another name.",
    "templates:duplicate_template": "Save a copy of a template under another name.",
    "templates:export_templates": (
        "Write templates into a file, YAML or JSON; without names all of them."
    ),
    "templates:import_templates": (
        "Save the templates of a file; all of them, or none if a name is taken."
    ),
    "templates:delete_template": (
        "Delete a template; tasks that were started from it stay."
    ),
}
