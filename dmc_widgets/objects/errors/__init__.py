"""Problem types: their codes, their texts, and the Liferay exceptions they match."""
