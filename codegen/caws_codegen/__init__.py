"""Generates the C of caws from AWS service models."""
