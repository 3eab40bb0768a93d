"""A button that is refused, and has no page of its own, says what is wrong, of which field, and leads back."""

import pytest
from django import forms
from django.test import RequestFactory

from accounts.kernel.http import refused

pytestmark = pytest.mark.django_db


class Both(forms.Form):
    asked_on = forms.DateField(label="Demandée le")
    reason = forms.CharField(label="Pourquoi")
    version = forms.IntegerField(widget=forms.HiddenInput)


def page(**headers):
    request = RequestFactory(headers=headers).post("/conservation/suspendre/")
    answer = refused(request, Both({}))
    assert answer.status_code == 422
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def test_each_field_is_named_once_and_what_is_hidden_is_not():
    told = page()
    assert "Demandée le : Ce champ est obligatoire." in told
    assert "Pourquoi : Ce champ est obligatoire." in told
    assert told.count("Ce champ est obligatoire.") == 3
    assert "Version" not in told


def test_it_leads_back_to_the_page_of_the_button_of_ours_only():
    assert 'href="/conservation/"' in page(referer="http://testserver/conservation/")
    assert "Revenir à la page précédente" not in page()
    assert "ailleurs" not in page(referer="https://ailleurs.example/conservation/")
