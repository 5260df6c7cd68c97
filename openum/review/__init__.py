"""Nurse and physician review, evidence opened, peer-to-peer."""
