export { QuestionPanel } from './question-panel.tsx';
export { RememberedAnswers } from './remembered-answers.tsx';
