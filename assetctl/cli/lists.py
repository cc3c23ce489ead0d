"""import, export: lists."""

import typer

app = typer.Typer()
groups: dict[str, typer.Typer] = {}
