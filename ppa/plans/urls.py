"""Routes under a person: her plan."""

from django.urls import path

from ppa.plans import views

app_name = "plans"

urlpatterns = [
    path("", views.show, name="page"),
    path("commencer/", views.start, name="open"),
    path("themes/<slug:code>/", views.topic, name="topic"),
    path("themes/<slug:code>/rythme/", views.pace, name="pace"),
    path("brouillons/<slug:code>/", views.draft, name="draft"),
    path("brouillons/<slug:code>/oublier/", views.forget, name="forget"),
    path("social/", views.social, name="social"),
    path("social/themes/<slug:code>/", views.social_topic, name="social_topic"),
    path("social/themes/<slug:code>/rythme/", views.social_pace, name="social_pace"),
    path("besoins/nouveau/", views.need, name="need"),
    path("besoins/<uuid:need_id>/objectif/", views.goal, name="goal"),
    path("besoins/<uuid:need_id>/", views.word_need, name="reword_need"),
    path("besoins/<uuid:need_id>/mettre-de-cote/", views.set_aside, name="set_need_aside"),
    path("besoins/<uuid:need_id>/reprendre/", views.take_up, name="take_need_up"),
    path("objectifs/<uuid:goal_id>/", views.word_goal, name="reword_goal"),
    path("objectifs/<uuid:goal_id>/suivi/", views.settle_goal, name="follow_goal"),
    path("objectifs/<uuid:goal_id>/action/", views.action, name="action"),
    path("actions/", views.actions, name="actions"),
    path("actions/<uuid:action_id>/", views.reword, name="reword"),
    path("actions/<uuid:action_id>/suivi/", views.follow, name="follow"),
    path("partager/", views.share, name="share"),
    path("accord/", views.agree, name="agree"),
    path("accord/retirer/", views.take_back, name="take_agreement_back"),
    path("signer/", views.sign, name="sign"),
    path("reviser/", views.revise, name="revise"),
    path("reviser/abandonner/", views.abandon, name="abandon"),
    path("conversations/", views.conversations, name="conversations"),
    path("conversations/nouvelle/", views.conversation, name="conversation"),
    path("lieux/", views.place, name="place"),
    path("depot/", views.deposit, name="deposit"),
    path("depot/refus/", views.refuse, name="refuse"),
    path("remise/", views.hand, name="hand_out"),
    path("facile-a-lire/", views.easy, name="easy"),
    path("ppcs/", views.coordination, name="ppcs"),
    path("relecture/", views.review, name="review"),
    path("relecture/rien-ne-change/", views.confirm, name="confirm"),
    path("clore/", views.close, name="close"),
    path("versions/", views.versions, name="versions"),
    path("versions/<int:number>/", views.version, name="version"),
    path("versions/<int:number>/comparer/<int:other>/", views.compare, name="compare"),
    path("versions/<int:number>/pdf/", views.paper, name="paper"),
    path("versions/<int:number>/facile-a-lire/", views.easy_paper, name="easy_paper"),
    path("versions/<int:number>/ppcs/", views.ppcs_paper, name="ppcs_paper"),
]
