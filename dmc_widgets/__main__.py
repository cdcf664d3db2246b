"""`dmc`, and `python -m dmc_widgets`, which is the same."""

from __future__ import annotations

_MISSING = (
    "The command line needs Typer and rich, which are not installed. Install them: "
    'pip install "dmc-widgets[cli]".'
)


def main() -> None:
    """Run the command line, or say which extra it needs."""
    from .storage.garbage_collection import relax_garbage_collector
    from .storage.operating_system import make_console_safe

    relax_garbage_collector()
    try:
        from .cli import main as run
    except ModuleNotFoundError as exc:
        if exc.name in {"typer", "rich"}:
            raise SystemExit(_MISSING) from exc
        raise
    make_console_safe()
    run()


if __name__ == "__main__":
    main()
