"""What the command line does: the experiments, what is installed, how fast it is."""
