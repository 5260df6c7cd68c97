"""Run-time values of CQL: temporal values, intervals, quantities, codes, uncertainties."""
