"""One hop through front end, trunk and head for streams in lockstep: the same map, sooner."""

from auricle.streaming.step.plan import StepPlan, step_refusal
from auricle.streaming.step.stepper import Stepper, StepRows

__all__ = ["StepPlan", "Stepper", "step_refusal", "StepRows"]
