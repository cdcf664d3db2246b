"""What each business type of an object field accepts, stores and gives out."""
