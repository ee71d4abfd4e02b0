# Unit tests of the dialect layer.
