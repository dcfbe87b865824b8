"""Music: tunings, plucked strings, additive voices, drums, and scores of their notes."""
