"""The command line: what ``latticepol run``, ``info``, ``doctor`` and ``bench`` do.

The one idea: a command prints what a function returns; nothing is computed here that a script could not ask for.

``experiments``   runs the experiments
``information``   what is installed; ``doctor``: what is wrong with it, and the fix
``benchmark``     how fast it is
"""
