package dev.fanfare.docs;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Reads the settings out of the sources of {@code @ConfigMapping} interfaces: their Javadoc is not in the bytecode. */
final class ConfigurationReference {
    /** One key: its default is empty where the type allows that there is no value. */
    record Setting(String key, String type, Optional<String> defaultValue, String text) {
        String environment() {
            return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        }

        String row() {
            return "| `" + key + "`<br>`" + environment() + "` | " + type + " | "
                    + defaultValue.map(value -> "`" + value + "`").orElse("") + " | " + text.replace("|", "\\|") + " |";
        }
    }

    /** The settings of one interface, in the order of its source. */
    record Group(String prefix, String text, List<Setting> settings) {}

    private final DocTrees docs;
    private final List<Group> groups = new ArrayList<>();

    private ConfigurationReference(DocTrees docs) {
        this.docs = docs;
    }

    /** The groups of all sources, by prefix. */
    static List<Group> read(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            ConfigurationReference reference = new ConfigurationReference(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                TreePath path = new TreePath(unit);
                for (Tree type : unit.getTypeDecls()) {
                    if (type instanceof ClassTree declared) {
                        reference.addMapping(new TreePath(path, declared), declared);
                    }
                }
            }
            reference.groups.sort(Comparator.comparing(Group::prefix));
            return reference.groups;
        }
    }

    static String markdown(List<Group> groups) {
        return groups.stream()
                .map(group -> "\n## `" + group.prefix() + "`\n\n" + group.text()
                        + "\n\n| setting | type | default | what it does |\n| --- | --- | --- | --- |\n"
                        + group.settings().stream().map(Setting::row).collect(Collectors.joining("\n"))
                        + "\n")
                .collect(Collectors.joining());
    }

    private void addMapping(TreePath path, ClassTree type) {
        annotation(type.getModifiers(), "ConfigMapping").ifPresent(mapping -> {
            List<Setting> settings = new ArrayList<>();
            String prefix = argument(mapping, "prefix");
            addSettings(path, type, prefix + ".", settings);
            groups.add(new Group(prefix, text(path, prefix), settings));
        });
    }

    private void addSettings(TreePath path, ClassTree type, String prefix, List<Setting> settings) {
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method && method.getBody() == null) {
                String name = annotation(method.getModifiers(), "WithName")
                        .map(named -> argument(named, "value"))
                        .orElseGet(() -> kebab(method.getName().toString()));
                String returned = method.getReturnType().toString();
                Optional<ClassTree> nested = nested(type, returned);
                if (nested.isPresent()) {
                    addSettings(new TreePath(path, nested.get()), nested.get(), prefix + name + ".", settings);
                } else {
                    settings.add(setting(new TreePath(path, method), method, prefix + name, returned));
                }
            }
        }
    }

    private Setting setting(TreePath path, MethodTree method, String key, String returned) {
        Optional<String> defaultValue =
                annotation(method.getModifiers(), "WithDefault").map(given -> argument(given, "value"));
        if (defaultValue.isEmpty() && !returned.startsWith("Optional")) {
            throw new AssertionError(key + " has neither @WithDefault nor an Optional type");
        }
        return new Setting(key, words(returned), defaultValue, text(path, key));
    }

    private static Optional<ClassTree> nested(ClassTree type, String name) {
        return type.getMembers().stream()
                .filter(ClassTree.class::isInstance)
                .map(ClassTree.class::cast)
                .filter(inner -> inner.getKind() == Tree.Kind.INTERFACE
                        && inner.getSimpleName().contentEquals(name))
                .findFirst();
    }

    private static Optional<? extends AnnotationTree> annotation(ModifiersTree modifiers, String name) {
        return modifiers.getAnnotations().stream()
                .filter(annotation -> annotation.getAnnotationType().toString().equals(name))
                .findFirst();
    }

    private static String argument(AnnotationTree annotation, String name) {
        for (ExpressionTree argument : annotation.getArguments()) {
            if (argument instanceof AssignmentTree assignment
                    && assignment.getVariable().toString().equals(name)
                    && assignment.getExpression() instanceof LiteralTree literal) {
                return String.valueOf(literal.getValue());
            }
            if (argument instanceof LiteralTree literal && name.equals("value")) {
                return String.valueOf(literal.getValue());
            }
        }
        throw new AssertionError(annotation + " has no literal " + name);
    }

    private String text(TreePath path, String key) {
        DocCommentTree comment = docs.getDocCommentTree(path);
        if (comment == null) {
            throw new AssertionError(key + " has no Javadoc");
        }
        return comment.getFullBody().stream()
                .map(ConfigurationReference::markdown)
                .collect(Collectors.joining())
                .replaceAll("\\s+", " ")
                .trim();
    }

    private static String markdown(DocTree part) {
        if (part instanceof com.sun.source.doctree.LiteralTree literal) {
            return "`" + literal.getBody().getBody() + "`";
        }
        if (part instanceof LinkTree link) {
            return "`" + link.getReference().getSignature().replaceFirst("^#", "") + "`";
        }
        return switch (part.toString()) {
            case "<code>", "</code>" -> "`";
            case "<p>", "</p>" -> " ";
            default -> part.toString();
        };
    }

    private static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private static String words(String type) {
        String bare = type.startsWith("Optional<") ? type.substring("Optional<".length(), type.length() - 1) : type;
        return switch (bare) {
            case "boolean" -> "`true` or `false`";
            case "int", "long", "Integer", "Long", "OptionalInt", "OptionalLong" -> "whole number";
            case "double", "OptionalDouble" -> "number";
            case "Duration" -> "duration: `15S`, `PT15S`";
            case "MemorySize" -> "size: `64K`, `8M`";
            case "Path" -> "path";
            case "String" -> "text";
            default -> bare.startsWith("List<") || bare.startsWith("Set<") ? "list, separated by commas" : bare;
        };
    }
}
