"""`dmc notification`: who gets a message when a long task ends."""

from __future__ import annotations

from typing import Annotated

import typer

from ...tasks.notifications import DEFAULT_AFTER_S
from ..command_context import open_command_center
from ..options import Json
from ..output import print_json, print_table

NotificationName = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of the notification.")
]
Address = Annotated[
    str,
    typer.Option(
        "--address",
        prompt=True,
        hide_input=True,
        help="An address of Apprise: mailto://…, jsons://…, slack://…. It is asked "
        "for if it is left out, and stored in the keyring.",
    ),
]
AfterSeconds = Annotated[
    float,
    typer.Option("--after", min=0, help="Pass over tasks that took fewer seconds."),
]
OnlyFailed = Annotated[
    bool, typer.Option("--only-failed", help="Pass over tasks that completed.")
]


def add_notification(
    ctx: typer.Context,
    name: NotificationName,
    *,
    address: Address,
    after_s: AfterSeconds = DEFAULT_AFTER_S,
    only_failed: OnlyFailed = False,
) -> None:
    """Tell somebody when a long task ends: by mail, to a webhook, to a chat.

    Without a keyring, set DMC_NOTIFY_NAME to the same address.
    """
    added = open_command_center(ctx).notifications.add(
        name, address, after_s=after_s, only_failed=only_failed
    )
    typer.echo(f"Added {added.name!r}: {added.service}")


def list_notifications(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the notifications, without their addresses."""
    notifications = open_command_center(ctx).notifications.list()
    if as_json:
        print_json(
            [
                {
                    "name": item.name,
                    "service": item.service,
                    "afterSeconds": item.after_s,
                    "onlyFailed": item.only_failed,
                }
                for item in notifications
            ]
        )
        return
    print_table(
        ("Name", "Service", "After Seconds", "Tasks"),
        (
            (x.name, x.service, f"{x.after_s:g}", "failed" if x.only_failed else "all")
            for x in notifications
        ),
    )


def remove_notification(ctx: typer.Context, name: NotificationName) -> None:
    """Remove a notification."""
    open_command_center(ctx).notifications.remove(name)
    typer.echo(f"Removed {name!r}.")


def send_test_message(ctx: typer.Context, name: NotificationName) -> None:
    """Send a message at once, to see whether it arrives."""
    if not open_command_center(ctx).notifications.test(name):
        typer.echo(f"The service of {name!r} did not take the message.", err=True)
        raise typer.Exit(1)
    typer.echo("Sent.")
