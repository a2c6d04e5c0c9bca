package dev.drydock.crds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drydock.api.v1alpha1.backup.BackupJob;
import dev.drydock.api.v1alpha1.bluegreen.BlueGreenDeployment;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real API server makes of the CRDs: it takes what is meant, and says what is wrong. */
class SchemaTest {
  private static final Path REPOSITORY = ApiServer.repository();
  private static final Path RESOURCES = REPOSITORY.resolve("crds/src/test/resources");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DOCUMENT_END = Pattern.compile("(?m)^---$");

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "Host", Host.class,
          "NotificationChannel", NotificationChannel.class,
          "HostHealthPolicy", HostHealthPolicy.class,
          "MaintenanceSchedule", MaintenanceSchedule.class,
          "BackupJob", BackupJob.class,
          "BlueGreenDeployment", BlueGreenDeployment.class);

  @SuppressWarnings("NullAway.Init")
  private static ApiServer server;

  @SuppressWarnings("NullAway.Init")
  private static String namespace;

  @BeforeAll
  static void start() {
    server = ApiServer.start();
    server.applyCrds();
    namespace = server.freshNamespace();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  static Stream<Arguments> examples() throws IOException {
    return documents().stream().map(example -> argumentSet(name(example), example));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesApply(JsonNode example) {
    var applied =
        server
            .client()
            .resource(generic(example))
            .inNamespace(namespace)
            .fieldValidation(Validation.STRICT)
            .forceConflicts()
            .serverSideApply();
    assertThat(applied.getMetadata().getGeneration()).isEqualTo(1);
  }

  @Test
  void theReadmesExamplesApply() throws IOException {
    String readme = Files.readString(REPOSITORY.resolve("README.md"));
    List<String> blocks =
        Pattern.compile("(?s)```yaml\n(.*?)```")
            .matcher(readme)
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(blocks).isNotEmpty();
    blocks.stream().flatMap(SchemaTest::documents).forEach(SchemaTest::offered);
  }

  /** As the API server takes it, which keeps nothing of it. */
  private static GenericKubernetesResource offered(JsonNode document) {
    return server
        .client()
        .resource(generic(document))
        .inNamespace(namespace)
        .dryRun()
        .fieldValidation(Validation.STRICT)
        .create();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void typesLoseNothing(JsonNode example) throws IOException {
    ObjectReader strict =
        JSON.readerFor(KINDS.get(example.path("kind").asText()))
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    JsonNode again = tree(strict.readValue(example));
    assertThat(again.path("spec")).isEqualTo(example.path("spec"));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void defaultsAreValid(JsonNode example) {
    GenericKubernetesResource made =
        server.client().resource(generic(example)).inNamespace(namespace).dryRun().create();
    made.getMetadata().setUid(null);
    made.getMetadata().setManagedFields(null);
    var again =
        server
            .client()
            .resource(made)
            .inNamespace(namespace)
            .dryRun()
            .fieldValidation(Validation.STRICT)
            .create();
    assertThat(again.getAdditionalProperties()).isEqualTo(made.getAdditionalProperties());
  }

  static Stream<Arguments> wrong() throws IOException {
    var cases = new ArrayList<Arguments>();
    try (Stream<Path> files = Files.list(RESOURCES.resolve("wrong"))) {
      for (Path file : files.sorted().toList()) {
        JsonNode table = Serialization.unmarshal(Files.readString(file), JsonNode.class);
        for (JsonNode row : table.path("cases")) {
          String kind = table.path("kind").asText();
          cases.add(argumentSet(kind + ": " + row.path("wrong").asText(), kind, row));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void wrongIsRefused(String kind, JsonNode row) throws IOException {
    ObjectNode document = example(kind + "/" + row.path("of").asText());
    // Refused for what was changed, and for nothing else.
    server.client().resource(generic(document)).inNamespace(namespace).dryRun().create();
    row.path("set").properties().forEach(change -> set(document, change));
    var refused =
        catchThrowableOfType(
            KubernetesClientException.class,
            () ->
                server
                    .client()
                    .resource(generic(document))
                    .inNamespace(namespace)
                    .dryRun()
                    .fieldValidation(Validation.STRICT)
                    .create());
    assertThat(refused).as("it was accepted: %s", row.path("set")).isNotNull();
    assertThat(refused.getMessage()).contains(row.path("says").asText());
    assertThat(refused.getCode()).isIn(400, 422);
    // A regular expression tells nobody what to change: a sentence stands beside it.
    if (refused.getStatus().getDetails() != null) {
      var causes = refused.getStatus().getDetails().getCauses();
      for (StatusCause pattern : causes.stream().filter(SchemaTest::isOfPattern).toList()) {
        assertThat(causes)
            .as("what is said of %s beside its pattern", pattern.getField())
            .anyMatch(
                cause ->
                    Objects.equals(cause.getField(), pattern.getField())
                        && !isOfPattern(cause)
                        && !cause.getMessage().contains("evaluation error"));
      }
    }
  }

  private static boolean isOfPattern(StatusCause cause) {
    return cause.getMessage().contains(" in body should match '");
  }

  static Stream<Arguments> right() throws IOException {
    String table = Files.readString(RESOURCES.resolve("right/variants.yaml"));
    return StreamSupport.stream(
            Serialization.unmarshal(table, JsonNode.class).path("cases").spliterator(), false)
        .map(row -> argumentSet(row.path("of").asText() + ": " + row.path("right").asText(), row));
  }

  @ParameterizedTest
  @MethodSource("right")
  void rightIsTaken(JsonNode row) throws IOException {
    ObjectNode document = example(row.path("of").asText());
    row.path("set").properties().forEach(change -> set(document, change));
    var taken = offered(document);
    HasMetadata typed =
        JSON.readerFor(KINDS.get(taken.getKind()))
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .readValue(tree(taken));
    assertThat(tree(typed).path("spec")).isEqualTo(tree(taken).path("spec"));
  }

  /** kubectl and Helm read YAML 1.1, for which a word {@code on} without quotes is a boolean. */
  @Test
  void onIsTakenAsKubectlReadsIt() throws IOException {
    JsonNode schedule =
        JSON.readTree(
            """
            {"apiVersion": "drydock.dev/v1alpha1", "kind": "MaintenanceSchedule",
             "metadata": {"name": "unquoted"},
             "spec": {"hosts": {"names": ["a"]},
                      "notify": {"channels": ["web"], "true": ["Skipped"]},
                      "tasks": [{"name": "t", "schedule": "@daily", "command": {"run": "true"}}]}}
            """);
    GenericKubernetesResource taken =
        server
            .client()
            .resource(generic(schedule))
            .inNamespace("default")
            .dryRun()
            .fieldValidation(Validation.STRICT)
            .create();
    var typed = JSON.treeToValue(tree(taken), MaintenanceSchedule.class);
    assertThat(Objects.requireNonNull(typed.getSpec().notification()).on())
        .containsExactly(Outcome.Skipped);
    try (Stream<Path> files = Files.list(Path.of(""))) {
      for (Path crd : files.filter(file -> file.toString().endsWith(".yaml")).toList()) {
        assertThat(Files.readString(crd)).doesNotContainPattern("(?m)^ +(on|true):$");
      }
    }
  }

  @Test
  void enoughIsWrong() throws IOException {
    assertThat(wrong()).hasSizeGreaterThanOrEqualTo(100);
  }

  static Stream<Arguments> crds() throws IOException {
    try (Stream<Path> files = Files.list(REPOSITORY.resolve("crds"))) {
      var crds = new ArrayList<Arguments>();
      for (Path file :
          files.filter(f -> f.toString().endsWith(".drydock.dev.yaml")).sorted().toList()) {
        var crd = Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        crds.add(argumentSet(crd.getSpec().getNames().getKind(), crd));
      }
      return crds.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("crds")
  void everyFieldIsExplained(CustomResourceDefinition crd) throws IOException {
    JSONSchemaProps schema = schema(crd);
    assertThat(schema.getDescription()).isNotBlank();
    fields("", schema)
        .forEach(
            (path, field) ->
                assertThat(field.getDescription()).as(path).isNotBlank().endsWith("."));
    String kind = crd.getSpec().getNames().getKind();
    String published = server.client().raw("/openapi/v3/apis/drydock.dev/v1alpha1");
    JsonNode explained =
        JSON.readTree(published)
            .at("/components/schemas/dev.drydock.v1alpha1." + kind + "/properties/spec");
    assertThat(explained.path("description").asText()).as("kubectl explain").isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("crds")
  void namesAreShortAndListsBounded(CustomResourceDefinition crd) {
    assertThat(crd.getSpec().getNames().getCategories()).containsExactly("drydock");
    assertThat(crd.getSpec().getNames().getShortNames()).hasSize(1);
    fields("", schema(crd))
        .forEach(
            (path, field) -> {
              if ("array".equals(field.getType())) {
                assertThat(field.getMaxItems()).as(path + ": maxItems").isNotNull();
              }
              if (path.startsWith(".spec")
                  && "string".equals(field.getType())
                  && field.getEnum() == null) {
                assertThat(field.getMaxLength()).as(path + ": maxLength").isNotNull();
              }
            });
    JSONSchemaProps conditions = property(property(schema(crd), "status"), "conditions");
    assertThat(conditions.getXKubernetesListMapKeys()).containsExactly("type");
  }

  static Stream<Arguments> statuses() throws IOException {
    var statuses = new ArrayList<Arguments>();
    try (Stream<Path> files = Files.list(RESOURCES.resolve("status"))) {
      for (Path file : files.sorted().toList()) {
        JsonNode table = Serialization.unmarshal(Files.readString(file), JsonNode.class);
        statuses.add(argumentSet(table.path("kind").asText(), table));
      }
    }
    return statuses.stream();
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void statusIsWrittenAndShown(JsonNode table) throws IOException {
    String kind = table.path("kind").asText();
    String own = server.freshNamespace();
    ObjectNode document = example(kind + "/" + table.path("of").asText());
    server.client().resource(generic(document)).inNamespace(own).create();
    document.set("status", table.path("status"));
    var written =
        server
            .client()
            .resource(generic(document))
            .inNamespace(own)
            .subresource("status")
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager("test")
                    .withFieldValidation("Strict")
                    .build());
    JsonNode stored = tree(written.get("status"));
    assertThat(stored).isEqualTo(table.path("status"));

    HasMetadata typed =
        JSON.readerFor(KINDS.get(kind))
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .readValue(document);
    JsonNode again = tree(typed);
    assertThat(again.path("status")).isEqualTo(table.path("status"));

    CustomResourceDefinition crd = crd(kind);
    assertThat(unused(property(schema(crd), "status"), table.path("status"), ".status"))
        .as("fields that the full example leaves out")
        .isEmpty();

    Map<String, String> shown = row(crd, own);
    assertThat(shown.keySet()).first().isEqualTo("Name");
    Map<String, String> expected = new LinkedHashMap<>();
    table
        .path("columns")
        .properties()
        .forEach(c -> expected.put(c.getKey(), c.getValue().asText()));
    shown.keySet().removeAll(Set.of("Name", "Age"));
    assertThat(shown.keySet()).containsExactlyElementsOf(expected.keySet());
    expected.forEach((column, value) -> assertThat(shown.get(column)).as(column).matches(value));
  }

  @Test
  void everyKindHasAStatus() throws IOException {
    assertThat(statuses()).hasSameSizeAs(KINDS.keySet());
  }

  /** What {@code kubectl get} shows of the only resource, without columns of -o wide. */
  private static Map<String, String> row(CustomResourceDefinition crd, String namespace)
      throws IOException {
    var http = server.client().getHttpClient();
    var request =
        http.newHttpRequestBuilder()
            .uri(
                URI.create(
                    server.url()
                        + ("apis/drydock.dev/v1alpha1/namespaces/" + namespace + "/")
                        + crd.getSpec().getNames().getPlural()))
            .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
            .build();
    JsonNode answer = JSON.readTree(http.sendAsync(request, String.class).join().body());
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < answer.path("columnDefinitions").size(); i++) {
      JsonNode column = answer.path("columnDefinitions").path(i);
      if (column.path("priority").asInt() == 0) {
        row.put(column.path("name").asText(), answer.at("/rows/0/cells/" + i).asText());
      }
    }
    return row;
  }

  private static CustomResourceDefinition crd(String kind) throws IOException {
    return crds()
        .map(arguments -> (CustomResourceDefinition) arguments.get()[0])
        .filter(crd -> crd.getSpec().getNames().getKind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static JSONSchemaProps schema(CustomResourceDefinition crd) {
    return crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
  }

  private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
    return Objects.requireNonNull(schema.getProperties().get(name), name);
  }

  /** Every field, by its path. */
  private static Map<String, JSONSchemaProps> fields(String path, JSONSchemaProps schema) {
    Map<String, JSONSchemaProps> found = new LinkedHashMap<>();
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach(
              (name, field) -> {
                found.put(path + "." + name, field);
                found.putAll(fields(path + "." + name, field));
              });
    }
    if (schema.getItems() != null) {
      found.putAll(fields(path + "[]", schema.getItems().getSchema()));
    }
    return found;
  }

  private static Set<String> unused(JSONSchemaProps schema, JsonNode value, String path) {
    Set<String> unused = new TreeSet<>();
    if (value.isArray()) {
      // One element of a list may have what another one has not.
      var elements = StreamSupport.stream(value.spliterator(), false).toList();
      var left =
          elements.stream()
              .map(element -> unused(schema.getItems().getSchema(), element, path + "[]"))
              .reduce(
                  (a, b) -> {
                    a.retainAll(b);
                    return a;
                  });
      left.ifPresent(unused::addAll);
    } else if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach(
              (name, field) -> {
                if (value.has(name)) {
                  unused.addAll(unused(field, value.path(name), path + "." + name));
                } else {
                  unused.add(path + "." + name);
                }
              });
    }
    return unused;
  }

  /** Sets what a JSON pointer points to; null takes it away. */
  private static void set(ObjectNode document, Map.Entry<String, JsonNode> change) {
    JsonPointer pointer = JsonPointer.compile(change.getKey());
    JsonNode parent = document.at(pointer.head());
    String last = pointer.last().getMatchingProperty();
    switch (parent) {
      case ArrayNode list when last.equals("-") -> list.add(change.getValue());
      case ArrayNode list -> list.set(pointer.last().getMatchingIndex(), change.getValue());
      case ObjectNode object when change.getValue().isNull() ->
          assertThat(object.remove(last)).as("%s is there", pointer).isNotNull();
      case ObjectNode object -> object.set(last, change.getValue());
      default -> throw new IllegalArgumentException("nothing is at " + pointer.head());
    }
  }

  /** By way of text, so that the types of numbers are what a reader sees. */
  private static JsonNode tree(Object value) throws IOException {
    return JSON.readTree(JSON.writeValueAsString(value));
  }

  private static GenericKubernetesResource generic(JsonNode document) {
    return JSON.convertValue(document, GenericKubernetesResource.class);
  }

  private static String name(JsonNode document) {
    return document.path("kind").asText() + "/" + document.at("/metadata/name").asText();
  }

  /** A copy of one document of the examples, by kind and name. */
  private static ObjectNode example(String name) throws IOException {
    return documents().stream()
        .filter(document -> name(document).equals(name))
        .map(document -> (ObjectNode) document.deepCopy())
        .findFirst()
        .orElseThrow();
  }

  /** Every document of the examples. */
  private static List<JsonNode> documents() throws IOException {
    var documents = new ArrayList<JsonNode>();
    try (Stream<Path> files = Files.list(REPOSITORY.resolve("examples"))) {
      for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
        documents(Files.readString(file)).forEach(documents::add);
      }
    }
    return List.copyOf(documents);
  }

  private static Stream<JsonNode> documents(String yaml) {
    return DOCUMENT_END
        .splitAsStream(yaml)
        .map(document -> Serialization.unmarshal(document, JsonNode.class));
  }
}
