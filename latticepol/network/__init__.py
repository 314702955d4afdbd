"""Networks of coupled condensates: docs/physics.md, section 3."""

from latticepol.network.model import Network as Network
