"""Migrations: from one installation into another, without a file between."""
