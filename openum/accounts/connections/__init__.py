"""The systems that connect: their registration, the keys they prove themselves with, the tokens they are given."""
