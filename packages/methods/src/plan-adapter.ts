import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { cloneModel, type GraphBuilder, type ModelProto } from "@graft/onnx";
import { appendHead } from "./append-head.ts";
import { addDropout } from "./dropout.ts";
import { conventionsOf } from "./families.ts";
import { planHead } from "./head-plan.ts";
import { hiddenState } from "./hidden-state.ts";
import { appendLanguageHead } from "./language-head.ts";
import { appendLanguageLogits, keepOutputs, languageLogits } from "./language-logits.ts";
import type { Method, PreparedBase } from "./method.ts";
import { METHODS } from "./methods.ts";
import { networkLogits, networkOutput } from "./network-output.ts";
import type { MethodOptions } from "./options.ts";
import { outputsOf, type PlanTask } from "./plan-task.ts";
import { countParameters, type Plan, type PlanBase } from "./plan.ts";
import { sameName } from "./planned-targets.ts";

/** Plans a method and the task's head on a base: every trained tensor with its shape and start. USAGE, TARGET_NOT_FOUND, ONNX_UNSUPPORTED. */
export function planAdapter(base: PlanBase, { method: options, task }: { readonly method: MethodOptions; readonly task: PlanTask }): Plan {
  const method = METHODS[options.name] as Method;
  if (task.type === "causal-language-modelling" && "infix" in options && (options.infix ?? 0) > 0) {
    throw new GraftError("USAGE", "Cannot insert an infix for causal language modelling: it stands behind every token that is predicted", {
      hint: "Take a prefix alone",
    });
  }
  // A network that is trained by its own output stands for itself: no class of a family wraps it.
  const prefix = task.type === "tensors" ? "" : conventionsOf(base.family).prefix;
  const planned = method.plan({ ...base, model: usedBy(base.model, task) }, options, prefix);
  const { trainables, ...heads } = planHead(base, task);
  const { headRate } = method;
  const headed = headRate === undefined ? trainables : trainables.map((one) => ({ ...one, rate: headRate }));
  const all = [...planned.trainables, ...headed];
  if (all.length === 0)
    throw new GraftError("USAGE", `Cannot plan the method "${options.name}" for ${task.type}: there is no head to train`, {
      hint: "Take a method that changes the base, such as lora",
    });
  const twice = all.find(({ key }, index) => all.findIndex((other) => other.key === key) < index);
  if (twice !== undefined) throw sameName(twice.module);
  return { ...planned, task, trainables: all, parameters: countParameters(all), ...heads };
}

/** Lets the method look at the base, where its start follows from it: before the graph is made. */
export async function preparePlan(plan: Plan, base: PreparedBase): Promise<Plan> {
  return (await methodOf(plan).prepare?.(plan, base)) ?? plan;
}

/** What is saved of what was trained: for most methods the same. */
export function finishPlan(
  plan: Plan,
  values: ReadonlyMap<string, Float32Array>,
): { readonly plan: Plan; readonly values: ReadonlyMap<string, Float32Array> } {
  return methodOf(plan).finish?.(plan, values) ?? { plan, values };
}

/** Changes the graph as the plan says and gives the value of the logits: trainables become inputs named by their keys. Dropout is for `training` alone. */
export function injectPlan(
  builder: GraphBuilder,
  plan: Plan,
  { hiddenSize, training = false }: { readonly hiddenSize: number; readonly training?: boolean },
): string {
  const dropout = training && plan.dropout !== undefined ? addDropout(builder, plan.dropout) : undefined;
  methodOf(plan).inject(builder, plan, { dropout });
  for (const { key, shape, role } of plan.trainables) if (role === "head") builder.input(key, "float32", shape);
  if (plan.task.type === "causal-language-modelling") return appendLanguageLogits(builder);
  if (plan.task.type === "tensors") {
    return networkLogits(builder.graph, { output: networkOutput(builder.model, plan.task), objective: plan.task.objective });
  }
  if (plan.languageHead !== undefined) return appendLanguageHead(builder, { hiddenSize, head: plan.languageHead });
  if (plan.head === undefined) throw new TypeError(`A plan for ${plan.task.type} has no head`);
  return appendHead(builder, plan.head);
}

function methodOf(plan: Plan): Method {
  return METHODS[plan.method.name as keyof typeof METHODS] as Method;
}

/** The part of a graph that the task's outputs need: a language head is no part of a classifier. */
function usedBy(model: ModelProto, task: PlanTask): ModelProto {
  if ((model.graph?.output.length ?? 0) < 2) return model;
  const used = cloneModel(model);
  keepOutputs(used, [outputFor(used, task)]);
  return used;
}

function outputFor(model: ModelProto, task: PlanTask): string {
  if (task.type === "causal-language-modelling") return languageLogits(model);
  return task.type === "tensors" ? networkOutput(model, task) : hiddenState(model);
}

/** What the manifest says of a plan; `digests` are those of the base's matrices, by initializer. */
export function planManifest(plan: Plan, digests: ReadonlyMap<string, Digest>): Pick<Manifest, "method" | "task" | "targets" | "tensors"> {
  return {
    method: plan.method,
    task: {
      type: plan.task.type,
      labels: "labels" in plan.task ? [...plan.task.labels] : [],
      ...outputsOf(plan.task),
      ...(plan.head === undefined ? {} : { head: plan.head }),
    },
    targets: plan.targets.map(({ initializer, module, in: columns, out, kind, kernel, rank, alpha, scale, side }) => {
      const digest = digests.get(initializer);
      if (digest === undefined) throw new TypeError(`There is no digest of "${initializer}"`);
      return { module, digest, in: columns, out, kind, kernel: kernel?.slice(), rank, alpha, scale, side };
    }),
    tensors: plan.trainables.flatMap(({ key, shape, role, module, initializer }) => {
      if (role === "target") return [];
      const digest = initializer === undefined ? undefined : digests.get(initializer);
      return [{ key, shape: [...shape], role, module, ...(digest === undefined ? {} : { digest }) }];
    }),
  };
}
