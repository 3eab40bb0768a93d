"""What the page of places receives."""

from typing import Any

from django import forms

from accounts.kernel.http import RecordForm
from pathway.capacity.records import DeclarePlaces, PlacesSnapshot


class DeclareForm(RecordForm):
    """How many places of one offer are available."""

    available = forms.IntegerField(
        label="Places disponibles aujourd’hui",
        min_value=0,
        max_value=999,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, places: PlacesSnapshot, **kwargs: Any) -> None:
        initial = {"available": places.available, "version": places.version}
        super().__init__(*args, initial=initial, auto_id=f"id_{places.offer_id}_%s", **kwargs)
        self.offer_id = places.offer_id
        if places.held:
            self.fields["available"].help_text = f"Réservations comprises : {places.held}."

    def to_record(self) -> DeclarePlaces:
        """Return the declaration."""
        return DeclarePlaces(
            offer_id=self.offer_id,
            available=self.cleaned_data["available"],
            version=self.cleaned_data["version"],
        )
