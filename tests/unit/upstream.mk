# Unit tests of the upstream layer.
