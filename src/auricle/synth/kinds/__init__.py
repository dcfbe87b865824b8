"""Four kinds of sound from random sources: the demo set, its backgrounds and its streams."""
