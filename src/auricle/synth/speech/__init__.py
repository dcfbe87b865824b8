"""A formant synthesiser after Klatt: phonemes with pitch and duration, in many voices."""
