"""The REST routes of diet plans; nothing of a profile is kept."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response

from generator.diet.paper import plan_pdf
from generator.diet.profile import Profile, read_profile
from generator.diet.records import DietPlan
from generator.diet.spreadsheet import plan_csv
from ui.diet import MAX_SEED
from ui.diet_form import made_for
from ui.lab_papers import Paper, PaperStore
from ui.page_image import MUPDF
from ui.service import NotFound, Service

PDF, CSV = "application/pdf", "text/csv; charset=utf-8"
_OPENAPI_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": Profile.model_json_schema(ref_template="#/components/schemas/{model}"),
            "example": {
                "age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "weight_6_months_ago_kg": 68,
                "leukemia_type": "CLL", "drugs": ["venetoclax"], "neutrophils": 0.8, "symptoms": ["poor appetite"],
                "allergies": ["peanut"], "restrictions": ["vegetarian"], "cuisine": "Indian", "days": 7,
            },
        }
    },
}  # fmt: skip
_Seed = Annotated[int, Query(ge=0, le=MAX_SEED, description="Another seed gives another plan for the same needs.")]


def _profile(form: Annotated[dict[str, Any], Body()]) -> Profile:
    return read_profile(form)


_Profile = Annotated[Profile, Depends(_profile)]


def diet_routes(service: Service) -> APIRouter:
    """The routes under /api/diet."""
    router = APIRouter(tags=["diet plans"])

    @router.post("/api/diet", openapi_extra={"requestBody": _OPENAPI_BODY})
    def diet(profile: _Profile, seed: _Seed = 0) -> DietPlan:
        """Plan days that fit a person: needs, what is left out and why, meals, and what the sources say."""
        return service.diet.explain(profile, service.diet.plan(profile, seed=seed))

    @router.post(
        "/api/diet/pdf",
        openapi_extra={"requestBody": _OPENAPI_BODY},
        response_class=Response,
        responses={200: {"content": {PDF: {}}}},
    )
    def pdf(profile: _Profile, seed: _Seed = 0) -> Response:
        """Make the same plan as a PDF to take along."""
        plan = service.diet.explain(profile, service.diet.plan(profile, seed=seed))
        with MUPDF:
            return _answer(Paper(plan_pdf(plan, made_for=made_for(profile)), PDF, "diet-plan.pdf"))

    @router.post(
        "/api/diet/csv",
        openapi_extra={"requestBody": _OPENAPI_BODY},
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    def csv(profile: _Profile, seed: _Seed = 0) -> Response:
        """Make the same plan as a table for a spreadsheet."""
        return _answer(Paper(plan_csv(service.diet.plan(profile, seed=seed)), CSV, "diet-plan.csv"))

    return router


def diet_paper_routes(papers: PaperStore) -> APIRouter:
    """The route under /diet: the plans that a conversation made to take along."""
    router = APIRouter(include_in_schema=False)

    @router.get("/diet/papers/{token}")
    def get(token: str) -> Response:
        paper = papers.get(token)
        # An upload lies in the same store; it is read, never sent back.
        if paper is None or paper.media_type not in (PDF, CSV):
            raise NotFound("This plan is no longer there.", hint="Download it again from the conversation.")
        return _answer(paper)

    return router


def _answer(paper: Paper) -> Response:
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{paper.name}"'}
    return Response(paper.content, media_type=paper.media_type, headers=headers)
