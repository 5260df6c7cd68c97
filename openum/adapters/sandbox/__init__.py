"""The sandbox for integrators: armed answers by page, call and command; recorded messages; one-click conversations."""
