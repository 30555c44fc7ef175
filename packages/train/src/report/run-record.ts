import type { EndEvent, EvaluationEvent, Sample, StartEvent, StepEvent, TrainEvent } from "../events.ts";

/** What a report tells of a run, gathered from its events. */
export interface RunRecord {
  readonly start: StartEvent | undefined;
  readonly steps: readonly StepEvent[];
  readonly evaluations: readonly EvaluationEvent[];
  readonly samples: readonly Sample[];
  readonly end: EndEvent | undefined;
}

/** Gathers the events of a run. */
export class RunRecorder implements RunRecord {
  start: StartEvent | undefined;
  readonly steps: StepEvent[] = [];
  readonly evaluations: EvaluationEvent[] = [];
  samples: readonly Sample[] = [];
  end: EndEvent | undefined;

  tell(event: TrainEvent): void {
    if (event.type === "start") this.start = event;
    else if (event.type === "step") this.steps.push(event);
    else if (event.type === "evaluation") this.evaluations.push(event);
    else if (event.type === "end") {
      this.end = event;
      this.samples = event.samples;
    }
  }
}
