"""How the package meets the disk and other processes: for checkpoints, results, stores, figures and wisdom alike.

The one idea: a file is replaced in one step, by a process that holds its lock, or not at all.

``files``       paths, checksums, room on the disk, replacement
``locks``       who writes where
``processes``   processes, distinguished from all others that ever had the same number
"""
