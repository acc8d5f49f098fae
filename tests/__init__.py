"""Tests: mirrors of the rooms, plus api/, e2e/, property/, faults/, bench/ and architecture/."""
