"""Decisions in the words of a person: money, local times, causes and reasons; counts and names in a sentence."""
