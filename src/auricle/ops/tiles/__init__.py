"""What layers that compute product and recurrence tile by tile have in common."""
