"""What the script of a user imports from the file beside it."""


def square(p):
    return p**2
