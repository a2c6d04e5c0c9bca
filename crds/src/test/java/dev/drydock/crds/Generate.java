package dev.drydock.crds;

import dev.drydock.api.v1alpha1.backup.BackupJob;
import dev.drydock.api.v1alpha1.bluegreen.BlueGreenDeployment;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes one CRD a kind. */
final class Generate {
  /** What {@code kubectl explain} says of each kind. */
  private static final Map<Class<? extends CustomResource<?, ?>>, String> DESCRIPTIONS =
      Map.of(
          Host.class,
          "A machine outside the cluster that is reached over SSH.",
          NotificationChannel.class,
          "Where people are told what was found and done.",
          HostHealthPolicy.class,
          "What is watched on hosts, who is told, and what is done about it.",
          MaintenanceSchedule.class,
          "What is done on hosts and databases, when, and in which order.",
          BackupJob.class,
          "NO CONTROLLER YET, NOTHING IS BACKED UP. What is saved, where to, for how long, and how"
              + " it is proven to be restorable.",
          BlueGreenDeployment.class,
          "NO CONTROLLER YET, NOTHING IS SWITCHED. Brings out a new version beside the old one,"
              + " watches both, and switches.");

  /** Lists of names, in which none can be there twice. */
  private static final Set<String> SETS =
      Set.of(
          "names",
          "channels",
          "on",
          "after",
          "before",
          "policies",
          "checks",
          "permits",
          "databases");

  private static final Map<String, List<CustomResourceColumnDefinition>> COLUMNS =
      Map.of(
          "Host",
          List.of(
              column("Address", ".spec.address"),
              column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              column("Reason", ".status.conditions[?(@.type==\"Ready\")].reason"),
              column("Memory", ".status.facts.memory"),
              column("CPUs", "integer", ".status.facts.cpus"),
              column("Last Probe", "date", ".status.lastProbeTime"),
              wide("Message", ".status.conditions[?(@.type==\"Ready\")].message")),
          "NotificationChannel",
          List.of(
              column("Type", ".status.type"),
              column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              column("Last Delivery", "date", ".status.lastDelivery"),
              column("Failed", "integer", ".status.failed"),
              wide("Message", ".status.conditions[?(@.type==\"Ready\")].message")),
          "HostHealthPolicy",
          List.of(
              column("Hosts", "integer", ".status.summary.hosts"),
              column("Healthy", "integer", ".status.summary.healthy"),
              column("Alerts", "integer", ".status.summary.alerts"),
              column("Worst", ".status.summary.worst"),
              column("Last Report", "date", ".status.lastReport"),
              wide("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              wide("Message", ".status.conditions[?(@.type==\"Ready\")].message")),
          // A time to come is a string: kubectl shows it as <invalid> if it is a date.
          "MaintenanceSchedule",
          List.of(
              column("Tasks", "integer", ".status.summary.tasks"),
              column("Next", ".status.summary.next"),
              column("Next Run", ".status.summary.nextRun"),
              column("Last", ".status.summary.last"),
              column("Outcome", ".status.summary.outcome"),
              column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              wide("Suspended", ".spec.suspend"),
              wide("Message", ".status.conditions[?(@.type==\"Ready\")].message")),
          "BackupJob",
          List.of(
              column("Source", ".status.source"),
              column("Last", ".status.lastRun.outcome"),
              column("Age of Newest", "date", ".status.newestRestorable"),
              column("Size", ".status.lastBackup.size"),
              column("Next", ".status.nextRun"),
              column("Drill", ".status.lastDrill.outcome"),
              column("Fresh", ".status.conditions[?(@.type==\"Fresh\")].status"),
              wide("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              wide("Message", ".status.conditions[?(@.type==\"Ready\")].message")),
          "BlueGreenDeployment",
          List.of(
              column("Active", ".status.activeColor"),
              column("Revision", ".status.activeRevision"),
              column("Phase", ".status.phase"),
              column("Candidate", ".status.candidateRevision"),
              column("Soak Left", ".status.soakLeft"),
              column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
              wide("Message", ".status.message")));

  private Generate() {}

  /** Writes {@code <plural>.drydock.dev.yaml} for each kind. */
  static void into(Path directory) throws IOException {
    Files.createDirectories(directory);
    new CRDGenerator()
        .customResourceClasses(List.<Class<? extends HasMetadata>>copyOf(DESCRIPTIONS.keySet()))
        .forCRDVersions("v1")
        .withImplicitPreserveUnknownFields(false)
        .withPostProcessor(
            new CRDPostProcessor() {
              @Override
              public HasMetadata process(HasMetadata crd, String version) {
                return finish(crd);
              }
            })
        .inOutputDir(directory.toFile())
        .detailedGenerate();
    for (Class<? extends CustomResource<?, ?>> type : DESCRIPTIONS.keySet()) {
      // The generator appends the version of the CRD API to the file's name.
      String name = HasMetadata.getFullResourceName(type);
      Path made = directory.resolve(name + "-v1.yml");
      Files.writeString(
          directory.resolve(name + ".yaml"),
          Files.readString(made)
              .replaceFirst(
                  "# Generated by Fabric8 CRDGenerator, manual edits might get overwritten!\n", "")
              // YAML 1.1, which kubectl and Helm read, takes these words for booleans.
              .replaceAll("(?m)^( +)(on|true):$", "$1\"$2\":"));
      Files.delete(made);
    }
  }

  private static HasMetadata finish(HasMetadata made) {
    var crd = (CustomResourceDefinition) made;
    String kind = crd.getSpec().getNames().getKind();
    crd.getSpec().getNames().setCategories(List.of("drydock"));
    crd.getSpec()
        .getVersions()
        .forEach(
            version -> {
              version.setAdditionalPrinterColumns(
                  Stream.concat(
                          COLUMNS.getOrDefault(kind, List.of()).stream(),
                          Stream.of(column("Age", "date", ".metadata.creationTimestamp")))
                      .toList());
              JSONSchemaProps schema = version.getSchema().getOpenAPIV3Schema();
              DESCRIPTIONS.forEach(
                  (type, text) -> {
                    if (type.getSimpleName().equals(kind)) {
                      schema.setDescription(text);
                    }
                  });
              JSONSchemaProps spec = schema.getProperties().get("spec");
              JSONSchemaProps status = schema.getProperties().get("status");
              describe(spec, "What is wanted.");
              describe(status, "What is so, as Drydock last saw it.");
              foreignTypes(spec);
              sets(spec);
              PatternRules.add(spec);
              unquoted(spec);
              listsByKey(status);
              schema.setRequired(List.of("spec"));
              distinctRules(schema);
            });
    return crd;
  }

  /** The generator finds a record component's rule on its field and again on its accessor. */
  private static void distinctRules(@Nullable JSONSchemaProps schema) {
    if (schema == null) {
      return;
    }
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          schema.getXKubernetesValidations().stream().distinct().toList());
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(Generate::distinctRules);
    }
    if (schema.getItems() != null) {
      distinctRules(schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null) {
      distinctRules(schema.getAdditionalProperties().getSchema());
    }
  }

  private static void describe(@Nullable JSONSchemaProps schema, String text) {
    if (schema != null) {
      schema.setDescription(text);
    }
  }

  /** Kubernetes' own types come without descriptions and limits; some lists have a key. */
  private static void foreignTypes(@Nullable JSONSchemaProps schema) {
    each(
        schema,
        (name, property) -> {
          if (name.equals("selector")) {
            ForeignTypes.selector(property);
          } else if (name.equals("template")) {
            ForeignTypes.podTemplate(property);
          } else if (name.equals("targetPort")) {
            ForeignTypes.targetPort(property);
          } else if (name.equals("env")) {
            listByKey(property, "name");
          } else if (name.equals("sysctl") && "array".equals(property.getType())) {
            listByKey(property, "key");
          }
        });
  }

  /**
   * kubectl reads an {@code on:} without quotes as the boolean, and sends "true": that is meant.
   */
  private static void unquoted(@Nullable JSONSchemaProps schema) {
    each(
        schema,
        (_, property) -> {
          if (property.getProperties() != null && property.getProperties().containsKey("on")) {
            JSONSchemaProps on = property.getProperties().get("on");
            property
                .getProperties()
                .put(
                    "true",
                    new JSONSchemaPropsBuilder(on)
                        .withDescription(
                            "The same as on: what YAML 1.1 makes of it without quotes.")
                        .build());
          }
        });
  }

  private static void sets(@Nullable JSONSchemaProps schema) {
    each(
        schema,
        (name, property) -> {
          if (SETS.contains(name)
              && "array".equals(property.getType())
              && "string".equals(property.getItems().getSchema().getType())) {
            property.setXKubernetesListType("set");
          }
        });
  }

  /** So that server-side apply merges by key, and no key can be there twice. */
  private static void listsByKey(@Nullable JSONSchemaProps status) {
    each(
        status,
        (name, property) -> {
          if (!"array".equals(property.getType())) {
            return;
          }
          List<String> required = property.getItems().getSchema().getRequired();
          for (String key : List.of("type", "name")) {
            if (required != null && required.contains(key)) {
              listByKey(property, key);
              return;
            }
          }
        });
  }

  private static void listByKey(JSONSchemaProps list, String key) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
  }

  private static void each(
      @Nullable JSONSchemaProps schema, BiConsumer<String, JSONSchemaProps> action) {
    if (schema == null) {
      return;
    }
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach(
              (name, property) -> {
                action.accept(name, property);
                each(property, action);
              });
    }
    if (schema.getItems() != null) {
      each(schema.getItems().getSchema(), action);
    }
  }

  private static CustomResourceColumnDefinition column(String name, String path) {
    return column(name, "string", path);
  }

  private static CustomResourceColumnDefinition column(String name, String type, String path) {
    return new CustomResourceColumnDefinitionBuilder()
        .withName(name)
        .withType(type)
        .withJsonPath(path)
        .build();
  }

  private static CustomResourceColumnDefinition wide(String name, String path) {
    return column(name, path).edit().withPriority(1).build();
  }
}
