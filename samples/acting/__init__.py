"""Plays plots with the services that people and machines use, at the instants of the past.

Nothing is written past the services: requests come through the one door, software evaluates and approves by rule,
people review, ask, refer and decide under their guards, letters and clocks follow, and due jobs run at their time.
One file for each who acts: the practice, the nurse, the physician; `endings` says who acts in which plot.
"""

from samples.acting.endings import Scene
from samples.acting.moves import Curtain
from samples.acting.stage import Stage

__all__ = ["Curtain", "Scene", "Stage"]
