# Unit tests of the proc layer.
