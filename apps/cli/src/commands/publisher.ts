import type { PublisherRecord } from "@graft/protocol";
import { command, commandGroup } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const NAME_ARGS = { ...REGISTRY_ARGS, name: { type: "positional", description: "The adapter, @scope/name", required: true } } as const;

const ls = command({
  name: "publisher ls",
  description: "List the workflows that may publish an adapter",
  examples: ["graft publisher ls @acme/topics"],
  args: NAME_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.name);
    const { publishers } = await registry.access.publishers(args.name);
    output.table(publishers.map(row), { head: ["id", "issuer", "repository", "workflow", "environment"] });
    output.result({ publishers });
  },
});

const add = command({
  name: "publisher add",
  description: "Trust a workflow with an adapter: it publishes without a token that could leak",
  examples: [
    "graft publisher add @acme/topics --repository acme/topics --workflow .github/workflows/publish.yml",
    "graft publisher add @acme/topics --issuer https://gitlab.com --repository acme/topics --workflow .gitlab-ci.yml --environment production",
  ],
  args: {
    ...NAME_ARGS,
    issuer: {
      type: "string",
      description: "Who vouches for the workflow",
      default: "https://token.actions.githubusercontent.com",
      valueHint: "url",
    },
    repository: { type: "string", description: "owner/repository", required: true, valueHint: "repository" },
    workflow: { type: "string", description: "Path of the workflow in the repository", required: true, valueHint: "path" },
    environment: { type: "string", description: "Deployment environment that the run must have", valueHint: "name" },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.name);
    const { issuer, repository, workflow, environment } = args;
    const added = await registry.access.addPublisher(args.name, {
      issuer,
      repository,
      workflow,
      ...(environment === undefined ? {} : { environment }),
    });
    output.line(`${workflow} of ${repository} may publish ${args.name}`);
    output.result(added);
  },
});

const rm = command({
  name: "publisher rm",
  description: "Trust a workflow no more",
  examples: ["graft publisher rm @acme/topics 5fQ0a1"],
  args: { ...NAME_ARGS, id: { type: "positional", description: "Id of the workflow (graft publisher ls)", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.name);
    await registry.access.removePublisher(args.name, args.id);
    output.line(`Removed ${args.id}`);
    output.result({ name: args.name, id: args.id });
  },
});

function row({ id, issuer, repository, workflow, environment }: PublisherRecord): string[] {
  return [id, issuer, repository, workflow, environment ?? "any"];
}

/** `graft publisher`: workflows that may publish. */
export const publisher = commandGroup({
  name: "publisher",
  description: "Trust workflows to publish an adapter",
  commands: { ls, add, rm },
});
