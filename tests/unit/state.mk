# Unit tests of the state layer.
