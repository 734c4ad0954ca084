"""Decisions in the words of a person: money, local times, causes and reasons."""
