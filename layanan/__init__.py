"""The service itself: rules and words. No I/O, no clock, no randomness may enter."""
