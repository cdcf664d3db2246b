"""The parts of the forms that are paths: their steps, their head and their foot."""
