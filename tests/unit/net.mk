# Unit tests of the net layer.
