# Unit tests of the route layer.
