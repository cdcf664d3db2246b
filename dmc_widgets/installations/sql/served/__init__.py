"""What a server over an embedded installation gives out besides items."""
